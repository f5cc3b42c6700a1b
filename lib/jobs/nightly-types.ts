import type { Config } from '../config/config';
import type { CopyVerdict } from './copy';
import type { PrunedAfter } from './prune-after';
import type { Told } from './told';

export interface NightlyOptions {
	readonly config: Config;
	/** Counts, and writes nothing. */
	readonly dryRun: boolean;
	/** By Vercel's scheduler, or by anyone else over HTTP. */
	readonly trigger: 'cron' | 'http';
	/** When the process will be ended, in ms since the epoch; the job stops and cleans up before that. */
	readonly deadlineAt: number;
	readonly signal?: AbortSignal;
	/** Takes one event for the log: plain facts, no secret and no row's content. */
	log(event: Readonly<Record<string, unknown>>): void;
	/** Takes secrets out of what is told to others. */
	redact(text: string): string;
	/** Told who was told of the run, and who could not be, whatever comes of it. */
	readonly onTold?: (told: Told) => void;
}

/** What came of a further store: of copying, and of pruning it, where that was tried. */
export type CopyResult = CopyVerdict & Partial<PrunedAfter>;

/** How a nightly run ended; a failed one throws. All plain JSON. */
export type NightlyResult =
	| {
			readonly status: 'done';
			readonly backup: Record<string, unknown>;
			/** Of each further store, if there is any: the job is done whatever came of them. */
			readonly copies?: readonly CopyResult[];
	  }
	/** There was nothing left to do; `backup` is the one that is there already. */
	| {
			readonly status: 'skipped';
			readonly reason: string;
			readonly backup: Record<string, unknown>;
			/** What the copies lacked is copied all the same, unless another run is at work. */
			readonly copies?: readonly CopyResult[];
	  }
	| {
			readonly status: 'dry-run';
			readonly tables: { readonly name: string; readonly rows: number }[];
			/** Of all tables. */
			readonly rows: number;
			/** Those that are set up wrongly, if any are; nothing is asked of the others. */
			readonly copies?: readonly CopyVerdict[];
	  };
