import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/migrate-turso.ts',
		summary: 'Apply pending Prisma or Drizzle migrations. Without --confirm, only show what would be done.',
		options: {
			confirm: { kind: 'flag', summary: 'make a backup, and apply them' },
			tool: { kind: 'choice', choices: ['prisma', 'drizzle'], summary: 'whose migrations (else whichever is found)' },
			folder: { kind: 'text', value: 'PATH', summary: 'where they are (else prisma/migrations, or drizzle)' },
			noBackup: { kind: 'flag', summary: 'make no backup before' },
			allowChanged: { kind: 'flag', summary: 'go on although an applied migration was changed since, or one skipped' },
		},
		notes: [
			'Each migration is one transaction with its record in the books of its tool. One run at a time: it takes the same',
			'lease as a backup does. The token must be one that may write.',
		],
		async run({ options, config, signal, progress, cwd, say }) {
			const { migrate } = await import('../lib/jobs/migrate');
			const { migrateData, showMigrate } = await import('../lib/cli/show-migrate');
			const { confirm } = options;
			const result = await migrate({
				config: confirm ? await config('database', 'name', 'store') : await config('database'),
				confirm,
				tool: options.tool as 'prisma' | 'drizzle' | undefined,
				folder: options.folder,
				backUp: !options.noBackup,
				allowChanged: options.allowChanged,
				cwd,
				signal,
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
				onLost: (error) => say(`the database was lost, starting over: ${(error as Error).message}`),
			});
			return {
				data: migrateData(result, confirm),
				text: () => showMigrate(result, confirm),
				...(result.error === null ? {} : { error: result.error }),
			};
		},
	},
	process,
);
