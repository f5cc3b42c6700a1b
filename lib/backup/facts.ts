import type { Manifest } from './manifest';

/** What is to be known of a backup to decide whether it is kept: a few plain facts, however large its manifest is. */
export interface BackupFacts {
	readonly id: string;
	readonly createdAt: Date;
	readonly proof: Manifest['proof']['kind'];
	/** Made by the schedule, for a day; else by hand. */
	readonly isScheduled: boolean;
	readonly label: string | null;
	/** It has the rows of some tables only. */
	readonly isPartial: boolean;
	/** The names of its objects, the manifest aside; none: its data is gone. */
	readonly data: readonly string[];
	/** The names of what lies beside them, and goes with them. */
	readonly beside: readonly string[];
	/** Why it is held; null: it is not. */
	readonly heldFor: string | null;
	/** Until when the store refuses to delete it; null: it does not, as far as is known. */
	readonly lockedUntil: Date | null;
	/** When its manifest was written, by the store's clock; null: it has none. */
	readonly storedAt: Date | null;
}

/** What a backup was made for. */
export type Kind = 'scheduled' | 'pre-migration' | 'labelled' | 'by hand';

/** Tells what a backup was made for: by its label, else by whether the schedule made it. */
export function kindOf({ label, isScheduled }: BackupFacts): Kind {
	if (label?.startsWith('pre-migration')) return 'pre-migration';
	if (label !== null) return 'labelled';
	return isScheduled ? 'scheduled' : 'by hand';
}

/** Claims that a backup was proven, restored or at least read back, and has all tables in it. */
export function isGood({ proof, isPartial }: BackupFacts): boolean {
	return proof !== 'none' && !isPartial;
}

/** Newest first; of two of the same moment, the one whose id sorts last. */
export function byNewest(a: BackupFacts, b: BackupFacts): number {
	return b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1);
}
