import { STORE } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/sweep.ts',
		summary: 'Remove what killed runs have left in the store. Without --confirm, only show it.',
		options: {
			confirm: { kind: 'flag', summary: 'remove it' },
			from: STORE,
		},
		notes: ['Only what nobody has touched for a day. Parts of uploads that were never completed are the store’s own.'],
		async run({ options, config, signal }) {
			const { sweep } = await import('../lib/jobs/sweep');
			const { showSweep } = await import('../lib/cli/show-sweep');
			const result = await sweep({ config: await config('name'), ...options, signal });
			const { where, found, isSwept } = result;
			return { data: { status: isSwept ? 'swept' : 'dry-run', where, found }, text: () => showSweep(result) };
		},
	},
	process,
);
