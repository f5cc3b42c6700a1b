import { z } from 'zod';
import { isWithin } from '../core/bounded-json';

/** The version of reports that is written. */
export const DRILL_VERSION = 1;

const count = z.int().nonnegative();
const time = z.iso.datetime();

/**
 * The steps of a drill, in order: find the backup, make the scratch database, read the backup whole, restore it, compare
 * every digest; and, outside of the recovery, delete the scratch database.
 */
export const DRILL_STEPS = ['find', 'prepare', 'read', 'restore', 'compare', 'delete'] as const;
export type DrillStep = (typeof DRILL_STEPS)[number];

/** What a drill has measured. No row data, no message of anyone's, nothing secret. Unknown fields are ignored. */
export const drillReportSchema = z.object({
	drill: z.literal(DRILL_VERSION),
	id: z.string(),
	/** When it was begun. */
	at: time,
	trigger: z.enum(['cron', 'http', 'cli']),
	/** Null: none was found. Of one that could not be read, what its manifest says, as far as there is one. */
	backup: z
		.object({
			/** Its id, or the path of its file. */
			id: z.string(),
			/** The store or folder that it was read from, for people. */
			where: z.string(),
			createdAt: time.nullable(),
			rows: count.nullable(),
			/** Before compression. */
			plainBytes: count.nullable(),
			isSealed: z.boolean(),
			/** The rows of some tables are not in it, as was wanted when it was made. */
			isPartial: z.boolean(),
		})
		.nullable(),
	/** `scratch`: an embedded database, deleted again. Else one that was named: `file` or `server`. It is left as it is. */
	target: z.enum(['scratch', 'file', 'server']),
	/** Those that were begun, in order. */
	steps: z.array(z.object({ name: z.enum(DRILL_STEPS), durationMs: count })),
	recovery: z.object({
		/** Until the restored database was proven; null: it was not. */
		durationMs: count.nullable(),
		limitMs: count,
	}),
	point: z.object({
		/** How old the backup was when the drill began; null: there was none. */
		ageMs: z.int().nullable(),
		/** Null: not judged, as an older backup was asked for by name. */
		limitMs: count.nullable(),
	}),
	/** What the target does not take, and so was not compared; rows that the backup lacks. */
	notes: z.array(z.string()),
	/** Null: the drill has passed. */
	failure: z.object({ code: z.string(), step: z.string().nullable() }).nullable(),
});

export type DrillReport = z.infer<typeof drillReportSchema>;

/** A longer report is not one of ours. */
export const MAX_REPORT_BYTES = 100_000;
const BOUNDS = { depth: 8, items: 10_000 };

/** The bytes of a report as they lie in a store. */
export function encodeReport(report: DrillReport): Buffer {
	return Buffer.from(`${JSON.stringify(report, null, '\t')}\n`);
}

/** A report from its bytes; null if they are none that this version can read. */
export function decodeReport(bytes: Uint8Array): DrillReport | null {
	if (!isWithin(bytes, BOUNDS)) return null;
	try {
		return drillReportSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
	} catch {
		return null;
	}
}
