import { FROM, IDENTITY, sayUnreachable } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

await runCommand(
	{
		name: 'npx tsx scripts/restore-turso.ts',
		summary: 'Restore a backup into a fresh database. Without --confirm, only show what would be done.',
		arguments: [{ name: 'BACKUP', summary: 'a file, an id from list-backups, or latest' }],
		options: {
			from: FROM,
			to: { kind: 'text', value: 'URL', summary: 'the database to restore into (else RESTORE_DATABASE_URL)' },
			confirm: { kind: 'flag', summary: 'do it' },
			resume: { kind: 'flag', summary: 'with --confirm: go on with a restore that stopped' },
			tables: { kind: 'list', value: 'NAMES', summary: 'only these tables, with their indexes and triggers' },
			skipTables: { kind: 'list', value: 'NAMES', summary: 'all but these tables' },
			identity: IDENTITY,
			dataOnly: { kind: 'flag', summary: 'rows only, into tables that are there and empty' },
			schemaOnly: { kind: 'flag', summary: 'no rows' },
			allowFunctions: {
				kind: 'list',
				value: 'NAMES',
				summary: 'let through a schema that uses these functions or modules, though they could act',
			},
		},
		async run({ arguments: { BACKUP }, options, config, signal, progress, cwd, say, ask }) {
			if (options.dataOnly && options.schemaOnly) throw new UsageError('--data-only does not go with --schema-only');
			const { restoreBackup } = await import('../lib/jobs/restore');
			const { warnOfKeys } = await import('../lib/cli/show-beside');
			const { restoreData, showPlan, showRestored } = await import('../lib/cli/show-restore');
			const result = await restoreBackup({
				backup: BACKUP,
				from: options.from,
				onUnreachable: sayUnreachable(say),
				config: await config(),
				to: options.to,
				confirm: options.confirm,
				resume: options.resume,
				parts: {
					tables: options.tables.length > 0 ? options.tables : null,
					skipTables: options.skipTables,
					what: options.dataOnly ? 'data' : options.schemaOnly ? 'schema' : 'all',
				},
				allowFunctions: new Set(options.allowFunctions.map((name) => name.toLowerCase())),
				identity: options.identity,
				ask,
				cwd,
				signal,
				onKeys: (keys) => warnOfKeys(keys, say),
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
				onLost: (error) => say(`the target was lost, trying again: ${(error as Error).message}`),
			});
			const { refusal } = result.prepared.plan;
			const next = options.confirm ? showRestored(result) : 'a dry run: nothing was written; --confirm restores';
			return {
				data: restoreData(result),
				text: () => `${showPlan(result)}\n\n${next}`,
				...(refusal === null ? {} : { error: refusal }),
			};
		},
	},
	process,
);
