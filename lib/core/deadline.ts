import type { Clock } from './clock';
import { LifeboatError } from './errors';

/** A signal that aborts when the time is nearly over, and how to end its timer. */
export interface Deadline {
	readonly signal: AbortSignal;
	stop(): void;
}

/**
 * A signal that aborts with `DEADLINE_NEAR` `reserveMs` before `deadlineAt` (ms since the epoch), or with `parent`'s
 * reason when that aborts first. The reserve is for cleaning up.
 */
export function startDeadline(clock: Clock, deadlineAt: number, reserveMs: number, parent?: AbortSignal): Deadline {
	const controller = new AbortController();
	const timer = new AbortController();
	const ms = Math.max(0, deadlineAt - reserveMs - clock.now().getTime());
	clock.sleep(ms, timer.signal).then(
		() =>
			controller.abort(
				new LifeboatError('DEADLINE_NEAR', 'the time allowed is nearly over', {
					hint: 'raise maxDuration, choose a lighter BACKUP_PROOF, or back up by the command line',
				}),
			),
		() => {},
	);
	return {
		signal: parent ? AbortSignal.any([controller.signal, parent]) : controller.signal,
		stop: () => timer.abort(),
	};
}
