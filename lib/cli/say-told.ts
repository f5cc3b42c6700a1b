import type { Told } from '../jobs/told';

/** Says that OpenTelemetry was not told. */
export function sayUntold(say: (text: string) => void): (failure: { message: string }) => void {
	return ({ message }) => say(`OpenTelemetry was not told: ${message}`);
}

/** Says who of the alert channels could not be told. */
export function sayTold({ alerts = [], alertsNotKept }: Told, say: (text: string) => void): void {
	for (const { channel, error } of alerts) if (error !== null) say(`${channel} could not be told: ${error.message}`);
	if (alertsNotKept) say(`what was told could not be kept (${alertsNotKept}): it may be told again`);
}
