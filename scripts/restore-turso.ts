import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/restore-turso.ts',
		summary: 'Restore a backup into a fresh database. Without --confirm, only show what would be done.',
		arguments: [{ name: 'BACKUP', summary: 'a file, an id from list-backups, or latest' }],
		options: {
			to: { kind: 'text', value: 'URL', summary: 'the database to restore into (else RESTORE_DATABASE_URL)' },
			confirm: { kind: 'flag', summary: 'do it' },
		},
		async run({ arguments: { BACKUP }, options, config, signal, progress, cwd, say }) {
			const { restoreBackup } = await import('../lib/jobs/restore');
			const { restoreData, showPlan, showRestored } = await import('../lib/cli/show-restore');
			const result = await restoreBackup({
				backup: BACKUP,
				config: await config(),
				to: options.to,
				confirm: options.confirm,
				cwd,
				signal,
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
				onLost: (error) => say(`the target was lost, comparing again: ${(error as Error).message}`),
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
