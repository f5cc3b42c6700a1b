/** What came of one message to one channel. */
export interface AlertVerdict {
	readonly channel: string;
	readonly kind: string;
	readonly status: 'sent' | 'failed';
	readonly error: { readonly code: string; readonly message: string } | null;
}

/** What came of telling. All plain JSON. */
export interface ToldAlerts {
	readonly alerts: readonly AlertVerdict[];
	/** With what the store failed to remember it: the same may be told again. */
	readonly alertsNotKept?: string;
}

/** What came of the heartbeat, the start of the run and its end together. */
export interface BeatVerdict {
	readonly status: 'sent' | 'failed';
	readonly error: { readonly code: string; readonly message: string } | null;
}

/** Who was told of a run, and who could not be. All plain JSON; nothing for whom is not set up. */
export type Told = Partial<ToldAlerts> & { readonly heartbeat?: BeatVerdict };

/** Writes into the log what came of telling. */
export function logTold(
	{ alerts = [], alertsNotKept, heartbeat }: Told,
	log: (event: Readonly<Record<string, unknown>>) => void,
): void {
	for (const { status, channel, kind, error } of alerts)
		log({ event: `alert.${status}`, channel, kind, ...(error && { error }) });
	if (alertsNotKept) log({ event: 'alert.not-kept', error: alertsNotKept });
	if (heartbeat?.error) log({ event: 'heartbeat.failed', error: heartbeat.error });
}
