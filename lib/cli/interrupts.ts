import { LifeboatError } from '../core/errors';
import type { CommandHost } from './host';

/** Turns SIGINT and SIGTERM into an abort, so that the work can clean up. */
export interface Interrupts {
	/** Aborts with an `ABORTED` error. */
	readonly signal: AbortSignal;
	/** Stops listening. */
	close(): void;
}

/** Listens from now on; a second signal ends the process at once, with exit code 1. */
export function listenForInterrupts(host: Pick<CommandHost, 'on' | 'off' | 'exit'>): Interrupts {
	const controller = new AbortController();
	const interrupt = (name: NodeJS.Signals) => {
		if (controller.signal.aborted) host.exit(1);
		controller.abort(
			new LifeboatError('ABORTED', `stopped by ${name} before the work was done`, {
				hint: 'run the command again',
			}),
		);
	};
	host.on('SIGINT', interrupt);
	host.on('SIGTERM', interrupt);
	return {
		signal: controller.signal,
		close() {
			host.off('SIGINT', interrupt);
			host.off('SIGTERM', interrupt);
		},
	};
}
