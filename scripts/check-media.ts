import { FROM, IDENTITY, sayUnreachable } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

await runCommand(
	{
		name: 'npx tsx scripts/check-media.ts',
		summary: 'Hold the Blob objects that rows name against what the Blob store has. Writes nothing.',
		arguments: [
			{ name: 'BACKUP', summary: "a file, an id or latest (the default): its inventory's rows", optional: true },
		],
		options: {
			database: { kind: 'flag', summary: 'ask the database instead of a backup' },
			to: { kind: 'text', value: 'URL', summary: 'this database (else RESTORE_DATABASE_URL, TURSO_DATABASE_URL)' },
			from: FROM,
			identity: IDENTITY,
		},
		notes: ['Exit code 4 if a blob is missing. Which tables are asked, and which store: docs/beside.md.'],
		async run({ arguments: { BACKUP }, options, config, signal, cwd, say, ask, isJson, write }) {
			const asksDatabase = options.database || options.to !== undefined;
			if (asksDatabase && (BACKUP !== undefined || options.from !== undefined))
				throw new UsageError('the database and a backup cannot both be asked');
			const { checkMedia } = await import('../lib/jobs/media/check');
			const { listEntries, missingError, showChecked, showFinding } = await import('../lib/cli/show-media');
			const list = listEntries({ isJson, write }, showFinding);
			const checked = await checkMedia({
				config: await config(),
				cwd,
				backup: asksDatabase ? null : (BACKUP ?? 'latest'),
				to: options.to,
				from: options.from,
				identity: options.identity,
				ask,
				onUnreachable: sayUnreachable(say),
				onFinding: list.take,
				signal,
			});
			const error = missingError(checked.missing, 'relink-media.ts MIRROR brings back what a mirror has');
			return {
				data: { status: 'checked', ...checked, findings: list.entries },
				text: () => showChecked(checked),
				...(error && { error }),
			};
		},
	},
	process,
);
