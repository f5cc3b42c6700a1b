import { STORE } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

const LONGEST_REASON = 500;

await runCommand(
	{
		name: 'npx tsx scripts/hold.ts',
		summary: 'Hold a backup, so that it is never pruned, or release it again.',
		arguments: [{ name: 'BACKUP', summary: 'an id from list-backups, or latest' }],
		options: {
			reason: { kind: 'text', value: 'TEXT', summary: 'why it is held, for the list' },
			release: { kind: 'flag', summary: 'end the hold' },
			from: STORE,
		},
		async run({ arguments: { BACKUP }, options, config, signal }) {
			const { reason = null, release, from } = options;
			if (release === (reason !== null)) throw new UsageError('say --reason TEXT, or --release');
			if (reason !== null && reason.length > LONGEST_REASON)
				throw new UsageError(`--reason is longer than ${LONGEST_REASON} characters`);
			const { hold } = await import('../lib/jobs/hold');
			const result = await hold({ config: await config('name'), from, backup: BACKUP, reason, signal });
			const { id, where } = result;
			const done = release ? (result.hold ? 'released' : 'was not held:') : 'held';
			return {
				data: { status: release ? (result.hold ? 'released' : 'not-held') : 'held', ...result },
				text: `${done} ${id} in ${where}${result.hold ? `: ${result.hold.reason}` : ''}`,
			};
		},
	},
	process,
);
