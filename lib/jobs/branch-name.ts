import { createHash } from 'node:crypto';
import type { Random } from '../core/clock';
import type { PlatformDatabase } from '../engine/turso/platform';

const NAME = /^lifeboat-(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z-[0-9a-f]{4}-([0-9a-f]{12})$/;

/** A name for a branch that is dropped again: when it was made, by chance, and from which database. */
export function newBranchName(source: PlatformDatabase, now: Date, random: Random): string {
	const stamp = now
		.toISOString()
		.replace(/[-:]|\.\d+/g, '')
		.toLowerCase();
	const chance = Math.floor(random() * 0x10000)
		.toString(16)
		.padStart(4, '0');
	return `lifeboat-${stamp}-${chance}-${tagOf(source)}`;
}

/** When a branch of `source` was made, told by its name; null if the name is not one of ours, or another's branch. */
export function branchMadeAt(source: PlatformDatabase, name: string): Date | null {
	const [, year, month, day, hour, minute, second, tag] = NAME.exec(name) ?? [];
	if (tag !== tagOf(source)) return null;
	const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
	return Number.isNaN(at.getTime()) ? null : at;
}

/** Of the database's id, and not its name, which another may have had. */
function tagOf({ id }: PlatformDatabase): string {
	return createHash('sha256').update(id).digest('hex').slice(0, 12);
}
