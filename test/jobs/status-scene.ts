import { expect } from 'vitest';
import { factsOfManifest } from '../../lib/backup/history';
import type { Manifest } from '../../lib/backup/manifest';
import type { EnvironmentSource } from '../../lib/config/environment';
import { systemClock } from '../../lib/core/clock';
import type { JobContext } from '../../lib/jobs/context';
import { readStatus } from '../../lib/jobs/status';
import type { StatusView } from '../../lib/status/view';
import { recordOutput } from '../support/secrets';

export const NOW = '2026-11-20T09:00:00.000Z';

/** A context whose wall clock stands at `now`. */
export const at = (now: string): JobContext => ({
	clock: { ...systemClock, now: () => new Date(now) },
	random: Math.random,
});

export async function statusOf(env: EnvironmentSource, now = NOW): Promise<StatusView> {
	const view = await readStatus(env, at(now));
	recordOutput('a status view', JSON.stringify(view));
	if (view.kind !== 'status') throw new Error(JSON.stringify(view));
	return view;
}

/** What the view must say of the backups, by the manifests alone. */
export function expectNumbers(view: StatusView, manifests: readonly Manifest[]): void {
	const newestFirst = [...manifests].reverse();
	expect(view.backups.map(({ isThere: _, heldFor: __, ...facts }) => facts)).toEqual(newestFirst.map(factsOfManifest));
	expect(view.backups.every(({ isThere }) => isThere)).toBe(true);
	const [newest, before] = newestFirst;
	expect(view.tables).toMatchObject({ id: newest?.id, beforeId: before?.id });
	const shown = view.tables?.rows.map(({ name, rows, rowsBefore, bytes }) => [name, { rows, rowsBefore, bytes }]);
	const then = new Map(before?.tables.map(({ name, rows }) => [name, rows]));
	expect(Object.fromEntries(shown ?? [])).toEqual(
		Object.fromEntries(
			newest?.tables.map(({ name, rows, bytes }) => [name, { rows, rowsBefore: then.get(name), bytes }]) ?? [],
		),
	);
}
