import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

const DEFAULT_WAIT_SECONDS = 300;

await runCommand(
	{
		name: 'npx tsx scripts/turso-pitr.ts',
		summary:
			"Make a new database from the one of TURSO_DATABASE_URL by Turso's own recovery. Without --confirm, only show what would be made.",
		options: {
			at: { kind: 'text', value: 'TIMESTAMP', summary: 'as it was then, such as 2026-11-20T14:30:00Z' },
			branch: { kind: 'flag', summary: 'as it is now, before a change that may go wrong' },
			name: { kind: 'text', value: 'NEW', summary: 'what to call it: needed with --at' },
			wait: {
				kind: 'count',
				value: 'SECONDS',
				summary: `how long to wait until it answers (${DEFAULT_WAIT_SECONDS} unless said)`,
			},
			confirm: { kind: 'flag', summary: 'do it' },
		},
		notes: ['Nothing is deleted or overwritten. How far back Turso goes depends on the plan: docs/turso-recovery.md.'],
		async run({ options, config, signal, progress }) {
			const { at, branch, name, wait = DEFAULT_WAIT_SECONDS, confirm } = options;
			if ((at === undefined) !== branch) throw new UsageError('say --at TIMESTAMP, or --branch');
			if (at !== undefined && name === undefined) throw new UsageError('--at goes with --name NEW');
			const { recoverPoint } = await import('../lib/jobs/pitr');
			const { pitrData, showPitr } = await import('../lib/cli/show-pitr');
			const result = await recoverPoint({
				config: await config('database'),
				at: at === undefined ? null : parseTimestamp(at),
				name: name ?? null,
				confirm,
				waitMs: wait * 1_000,
				signal,
				onPart: (part) => progress.start(part),
			});
			return { data: pitrData(result), text: () => showPitr(result) };
		},
	},
	process,
);

/** With its zone: what is left to guess is guessed wrong at night. */
function parseTimestamp(text: string): Date {
	const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
	const at = new Date(text);
	if (isWhole && !Number.isNaN(at.getTime())) return at;
	throw new UsageError('--at is not a time with its zone, such as 2026-11-20T14:30:00Z or 2026-11-20T15:30:00+01:00');
}
