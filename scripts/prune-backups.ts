import { STORE } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/prune-backups.ts',
		summary: 'Remove the backups that BACKUP_RETENTION does not keep. Without --confirm, only show which, and why.',
		options: {
			confirm: { kind: 'flag', summary: 'remove them' },
			allowLarge: { kind: 'flag', summary: 'even if they are more than half of all' },
			from: STORE,
		},
		notes: ['The nightly run does the same after each backup. What is never removed: docs/retention.md.'],
		async run({ options, config, signal }) {
			const { prune } = await import('../lib/jobs/prune');
			const { pruneData, showPrune } = await import('../lib/cli/show-prune');
			const result = await prune({ config: await config('name'), ...options, signal });
			const error = result.plan.refusal ?? result.pruned?.refused[0]?.error;
			return { data: pruneData(result), text: () => showPrune(result), ...(error ? { error } : {}) };
		},
	},
	process,
);
