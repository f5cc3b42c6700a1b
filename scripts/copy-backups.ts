import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/copy-backups.ts',
		summary: 'Copy to the stores of BACKUP_COPIES what they lack. Without --confirm, only show what that is.',
		options: {
			to: { kind: 'list', value: 'NAMES', summary: 'to these copies only' },
			confirm: { kind: 'flag', summary: 'do it' },
		},
		async run({ options, config, signal, say }) {
			const { copyByHand } = await import('../lib/jobs/copy-by-hand');
			const { failureOf, showCopies } = await import('../lib/cli/show-copies');
			const copies = await copyByHand({
				config: await config('store', 'name'),
				only: options.to,
				confirm: options.confirm,
				signal,
				onCopy: (copy, id) => say(`copying ${id} to ${copy}`),
			});
			const error = failureOf(copies);
			const next = options.confirm ? '' : '\n\na dry run: nothing was copied; --confirm copies';
			return {
				data: { status: options.confirm ? 'done' : 'dry-run', copies },
				text: () => showCopies(copies) + next,
				...(error && { error }),
			};
		},
	},
	process,
);
