import type { DataName } from './data';
import type { Slowness } from './network';
import type { Passed } from './slow-network';
import type { Stage } from './stage';

/** What one run was like. */
export interface Sample {
	/** Elapsed, process start included. For a part of the data: of that part. */
	readonly seconds: number;
	/** Of the processes that were started; null if not known. A server's is not in it. */
	readonly cpuSeconds: number | null;
	/** Highest resident memory, in MB of 2^20 bytes; null if not known. */
	readonly peakMb: number | null;
	/** What went through the slow network; null if there was none. */
	readonly wire: Passed | null;
}

/** What backups and restores of this project are told alike. */
export interface RunOptions {
	readonly data: DataName;
	/** What lies before the server. */
	readonly through?: Slowness;
	/** The backup is sealed to an age recipient. */
	readonly isSealed?: boolean;
	readonly atMost?: number;
}

/** One that is run and measured: this project, or what a user would use instead. */
export interface Contestant {
	readonly id: string;
	readonly title: string;
	/** What it works on; null: no data to speak of. */
	readonly data: DataName | null;
	/** It is run so often at the most, beside the rule of rounds.ts on what takes long. */
	readonly atMost?: number;
	/** The share of the rows that it is given; 1 by default. Its time is scaled up by it. */
	readonly part?: number;
	/** Runs it once, and checks what came of it, which takes no part in the time. */
	run(stage: Stage): Promise<Sample>;
}
