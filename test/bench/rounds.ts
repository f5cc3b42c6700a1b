import type { Contestant, Sample } from './contestant';
import type { Stage } from './stage';

/** Runs all of them, round by round, `runs` rounds; those that take long only in the first rounds. */
export async function runRounds(
	stage: Stage,
	contestants: readonly Contestant[],
	runs: number,
): Promise<Map<string, Sample[]>> {
	const samples = new Map<string, Sample[]>(contestants.map(({ id }) => [id, []]));
	for (let round = 1; round <= runs; round++) {
		for (const { id, title, atMost = runs, run } of contestants) {
			if (round > atMost) continue;
			const sample = await run(stage);
			samples.get(id)?.push(sample);
			const memory = sample.peakMb === null ? '' : `, ${sample.peakMb.toFixed(0)} MB`;
			const wire = sample.wire === null ? '' : `, ${sample.wire.requests} requests`;
			stage.say(`${round}/${runs} ${title}: ${sample.seconds.toFixed(2)} s${memory}${wire}`);
		}
	}
	return samples;
}

/** Does what was put off until nothing is measured, two at a time. */
export async function finish(stage: Stage): Promise<void> {
	const left = stage.afterwards.splice(0);
	const work = async () => {
		for (let next = left.shift(); next; next = left.shift()) await next();
	};
	await Promise.all([work(), work()]);
}
