import { expect, TestRunner } from 'vitest';

/** What may come of a case. The last three must never. */
export const OUTCOMES = ['exact', 'refused', 'resumed', 'detected', 'lost', 'wrong', 'undetected'] as const;

/**
 * - `exact`: the backup, the restore or the answer is right, in spite of the fault
 * - `refused`: a failure that says what, where and what to do; nothing is left half done
 * - `resumed`: it stopped, and went on to an exact end
 * - `detected`: damage was found and named
 * - `lost`: a backup is gone, or a manifest stands without its data
 * - `wrong`: something was said to be done that is not, or is not exact
 * - `undetected`: damage was taken for a backup
 */
export type Outcome = (typeof OUTCOMES)[number];

/** A row of the table in `docs/reliability.md`. */
export interface Fault {
	/** The part of the table: `database`, `store`, … */
	readonly area: string;
	/** What goes wrong. */
	readonly fault: string;
	/** How the suite makes it go wrong. */
	readonly provoked: string;
	/** What must come of it. */
	readonly promised: string;
}

export interface FaultRow extends Fault {
	readonly outcomes: Readonly<Record<Outcome, number>>;
}

declare module 'vitest' {
	interface TaskMeta {
		/** What the test has counted, by fault. */
		faults?: FaultRow[];
	}
}

/** Counts what came of the cases of one fault, in the test that runs now, for the table that the soak prints. */
export class Tally {
	readonly #outcomes: Record<Outcome, number> = {
		exact: 0,
		refused: 0,
		resumed: 0,
		detected: 0,
		lost: 0,
		wrong: 0,
		undetected: 0,
	};

	constructor(fault: Fault) {
		const meta = TestRunner.getCurrentTest()?.meta;
		if (!meta) throw new TypeError('a tally belongs to a test');
		meta.faults ??= [];
		meta.faults.push({ ...fault, outcomes: this.#outcomes });
	}

	add(outcome: Outcome): void {
		this.#outcomes[outcome]++;
	}

	/** Fails the test if a case came to what must never be, or if there was none. */
	expectSound(): void {
		const { lost, wrong, undetected, ...sound } = this.#outcomes;
		expect({ lost, wrong, undetected }).toEqual({ lost: 0, wrong: 0, undetected: 0 });
		expect(Object.values(sound).some((count) => count > 0)).toBe(true);
	}
}

/** How much of the soak is run, from 0 (each run of the tests) to 1: LIFEBOAT_SOAK. */
const SOAK_SHARE = Math.min(1, Math.max(0, Number(process.env.LIFEBOAT_SOAK ?? 0)));

/**
 * How many cases a suite tries: `everyRun` in each run of the tests, `soak` in the longer `npm run test:soak`, and a
 * number between for a share of it.
 */
export function casesOf(everyRun: number, soak: number): number {
	return everyRun + Math.round((soak - everyRun) * SOAK_SHARE);
}
