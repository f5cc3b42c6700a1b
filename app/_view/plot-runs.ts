const DAY_MS = 86_400_000;

/**
 * Splits moments, oldest first, where there was a pause: several times longer than is usual between them, and three days
 * at the least. A line drawn over a pause would tell of what nobody knows.
 */
export function splitAtPauses<T extends { readonly atMs: number }>(points: readonly T[]): T[][] {
	const spans = points.slice(1).map(({ atMs }, index) => atMs - (points[index] as T).atMs);
	const usual = [...spans].sort((one, other) => one - other)[Math.floor(spans.length / 2)] ?? 0;
	const pauseMs = Math.max(3 * DAY_MS, 4 * usual);
	const runs: T[][] = [];
	points.forEach((point, index) => {
		const span = spans[index - 1];
		if (span === undefined || span > pauseMs) runs.push([point]);
		else runs.at(-1)?.push(point);
	});
	return runs;
}
