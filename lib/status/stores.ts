import { timeOfId } from '../backup/backup-id';
import type { StoreFacts } from './facts';
import type { Standing, StoreStanding } from './view';

/** How a further store stands: by the age of its newest backup, and by what it lacks. */
export function standingOfCopy(copy: StoreFacts, maxAgeHours: number, now: Date): StoreStanding {
	const newestAt = copy.newestId === null ? null : timeOfId(copy.newestId);
	const isBehind = newestAt === null || now.getTime() - newestAt.getTime() > maxAgeHours * 3_600_000;
	const standing: Standing = copy.error !== null || isBehind ? 'bad' : copy.missing === 0 ? 'good' : 'warning';
	return { ...copy, newestAt: newestAt?.toISOString() ?? null, standing };
}
