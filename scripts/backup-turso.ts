import { runCommand } from '../lib/cli/command';
import { sayUntold } from '../lib/cli/say-told';
import { UsageError } from '../lib/cli/usage-error';

await runCommand(
	{
		name: 'npx tsx scripts/backup-turso.ts',
		summary: 'Back up the database. Without --write, only count what a backup would hold.',
		options: {
			write: { kind: 'flag', summary: 'make the backup, in the folder backups/' },
			upload: { kind: 'flag', summary: 'with --write: put it into the Blob store too' },
			out: { kind: 'text', value: 'FILE', summary: 'make the backup as this file, its manifest beside it' },
			proof: {
				kind: 'choice',
				choices: ['restore', 'read', 'none'],
				summary: 'how to prove it: restored into a scratch database, read back, or not at all',
			},
			tables: { kind: 'list', value: 'NAMES', summary: "only these tables' rows (the schema is there whole)" },
			label: {
				kind: 'text',
				value: 'TEXT',
				summary: 'a word on why it was made, for the list; kept 35 days at the least',
			},
		},
		async run({ options, config, signal, progress, cwd, say }) {
			if (options.upload && !options.write) throw new UsageError('--upload goes with --write');
			if (options.upload && options.out !== undefined) throw new UsageError('--upload does not go with --out');
			if (!options.write && options.out === undefined) {
				// All at once, and no more than counting needs: loading takes longer than the counting itself.
				const [counted, { countDatabase }, { showCounts }] = await Promise.all([
					config('database'),
					import('../lib/jobs/count-tables'),
					import('../lib/cli/show-counts'),
				]);
				const counts = await countDatabase(counted, signal);
				return { data: counts, text: () => showCounts(counts) };
			}
			const { resolve } = await import('node:path');
			const { backUp } = await import('../lib/jobs/back-up');
			const { showSummary } = await import('../lib/cli/show-summary');
			const { warnOfUnset } = await import('../lib/cli/show-beside');
			const { summarize } = await import('../lib/jobs/summary');
			const { manifest, places, swept } = await backUp({
				config: options.upload ? await config('database', 'name', 'blob') : await config('database', 'name'),
				upload: options.upload,
				out: options.out === undefined ? null : resolve(cwd, options.out),
				proof: (options.proof as 'restore' | 'read' | 'none' | undefined) ?? null,
				only: options.tables,
				label: options.label ?? null,
				signal,
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
				onLost: (error) => say(`the database was lost, starting over: ${(error as Error).message}`),
				onBranch: ({ name, leftFor }) => leftFor && say(`the branch ${name} could not be dropped: ${leftFor}`),
				onUntold: sayUntold(say),
			});
			const summary = summarize(manifest);
			warnOfUnset(summary.unsetKeys, say);
			return { data: { status: 'done', places, swept, backup: summary }, text: () => showSummary(summary, places) };
		},
	},
	process,
);
