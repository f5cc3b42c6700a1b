import type { Contestant, Sample } from './contestant';
import type { Stage } from './stage';

/** How often something is run that takes long: no more than `runs` times when a run takes more than `seconds`. */
export type Patience = readonly { readonly seconds: number; readonly runs: number }[];

export const PATIENCE: Patience = [
	{ seconds: 90, runs: 1 },
	{ seconds: 60, runs: 3 },
];
export const QUICK_PATIENCE: Patience = [{ seconds: 4, runs: 1 }];

/** Runs all of them, round by round, `runs` rounds; those that take long only in the first rounds. */
export async function runRounds(
	stage: Stage,
	contestants: readonly Contestant[],
	runs: number,
	patience: Patience,
): Promise<Map<string, Sample[]>> {
	const samples = new Map<string, Sample[]>(contestants.map(({ id }) => [id, []]));
	for (let round = 1; round <= runs; round++) {
		for (const contestant of contestants) {
			const own = samples.get(contestant.id) ?? [];
			if (round > mostRuns(contestant, own, patience)) continue;
			const sample = await contestant.run(stage);
			own.push(sample);
			const memory = sample.peakMb === null ? '' : `, ${sample.peakMb.toFixed(0)} MB`;
			const wire = sample.wire === null ? '' : `, ${sample.wire.requests} requests`;
			stage.say(`${round}/${runs} ${contestant.title}: ${sample.seconds.toFixed(2)} s${memory}${wire}`);
		}
	}
	return samples;
}

function mostRuns({ atMost = Infinity }: Contestant, samples: readonly Sample[], patience: Patience): number {
	const longest = Math.max(0, ...samples.map(({ seconds }) => seconds));
	return Math.min(atMost, patience.find(({ seconds }) => longest > seconds)?.runs ?? Infinity);
}

/** Does what was put off until nothing is measured, two at a time. */
export async function finish(stage: Stage): Promise<void> {
	const left = stage.afterwards.splice(0);
	const work = async () => {
		for (let next = left.shift(); next; next = left.shift()) await next();
	};
	await Promise.all([work(), work()]);
}
