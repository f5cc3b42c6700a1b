// Moves a process's wall clock by LIFEBOAT_TEST_CLOCK_SHIFT_MS milliseconds: what a lease and litter look like a day
// later. With LIFEBOAT_TEST_CLOCK_AT, a moment in ISO 8601, it stands still there: what a page says is the same each time.
// Preload it with NODE_OPTIONS=--import=file:///…/shifted-clock.mjs. Timers and performance.now() stay as they are.
// SIGUSR2 moves it by LIFEBOAT_TEST_CLOCK_STEP_MS more, of which a line on stderr tells.
let shiftMs = Number(process.env.LIFEBOAT_TEST_CLOCK_SHIFT_MS ?? 0);
const SystemDate = globalThis.Date;
const at = process.env.LIFEBOAT_TEST_CLOCK_AT;
const now = at === undefined ? () => SystemDate.now() + shiftMs : () => SystemDate.parse(at) + shiftMs;

globalThis.Date = class extends SystemDate {
	constructor(...words) {
		if (words.length === 0) super(now());
		else super(...words);
	}

	// Its own, not inherited: Next makes a Date of its own, with what the one before has by itself.
	static parse = SystemDate.parse;
	static UTC = SystemDate.UTC;

	static now() {
		return now();
	}
};

const stepMs = Number(process.env.LIFEBOAT_TEST_CLOCK_STEP_MS ?? 0);
if (stepMs > 0) {
	process.on('SIGUSR2', () => {
		shiftMs += stepMs;
		process.stderr.write(`the clock stands at ${new Date().toISOString()}\n`);
	});
}
