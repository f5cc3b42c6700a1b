// Moves a process's wall clock by LIFEBOAT_TEST_CLOCK_SHIFT_MS milliseconds: what a lease and litter look like a day
// later. Preload it with NODE_OPTIONS=--import=file:///…/shifted-clock.mjs. Timers and performance.now() stay as they are.
const shiftMs = Number(process.env.LIFEBOAT_TEST_CLOCK_SHIFT_MS ?? 0);
const SystemDate = globalThis.Date;

globalThis.Date = class extends SystemDate {
	constructor(...words) {
		if (words.length === 0) super(SystemDate.now() + shiftMs);
		else super(...words);
	}

	static now() {
		return SystemDate.now() + shiftMs;
	}
};
