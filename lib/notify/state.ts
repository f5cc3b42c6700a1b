import { z } from 'zod';

const time = z.iso.datetime();
/** What one channel was told of a problem. */
const toldSchema = z.object({
	at: time,
	items: z.array(z.string()),
	/** False: somebody is about to tell, or was killed at it. */
	sent: z.boolean(),
});

/** What is remembered between runs, so that nobody is told twice. No row data and nothing secret is in it. */
export const alertStateSchema = z.object({
	alerts: z.literal(1),
	/** Who wrote it last: of chance, so that a writer knows its own. */
	by: z.string(),
	/** What is wrong, by its key. */
	problems: z.record(
		z.string(),
		z.object({ title: z.string(), code: z.string().nullable(), since: time, told: z.record(z.string(), toldSchema) }),
	),
	/** How the last message to each channel went; `error` null: it was taken. */
	channels: z.record(z.string(), z.object({ at: time, error: z.string().nullable() })),
});

export type AlertState = z.infer<typeof alertStateSchema>;
export type Told = z.infer<typeof toldSchema>;

export const NO_STATE: AlertState = { alerts: 1, by: '', problems: {}, channels: {} };

/** What the bytes of a state say; that nothing was told yet, if they cannot be read: twice is better than never. */
export function parseState(bytes: Uint8Array): AlertState {
	try {
		return alertStateSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
	} catch {
		return NO_STATE;
	}
}
