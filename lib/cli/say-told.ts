import type { Told } from '../jobs/told';
import type { CommandHost } from './host';

/** What is said after the work is out by then, in ms. */
const LINGER_MS = 2_000;

/**
 * Says that OpenTelemetry was not told; and has the process end though a collector that does not answer still holds a
 * request, which nothing can take back.
 */
export function sayUntold(say: (text: string) => void, host: CommandHost): (failure: { message: string }) => void {
	return ({ message }) => {
		say(`OpenTelemetry was not told: ${message}`);
		// It keeps nothing alive by itself.
		setTimeout(() => host.exit(), LINGER_MS).unref();
	};
}

/** Says who of the alert channels could not be told. */
export function sayTold({ alerts = [], alertsNotKept }: Told, say: (text: string) => void): void {
	for (const { channel, error } of alerts) if (error !== null) say(`${channel} could not be told: ${error.message}`);
	if (alertsNotKept) say(`what was told could not be kept (${alertsNotKept}): it may be told again`);
}
