import { SIZES } from './contestants';
import { type Samples, secondsOf } from './judge';

/** What grows with the data. */
const GROWING = [
	['backup-file', 'backup, file:'],
	['backup-sqld', 'backup, sqld'],
	['restore-file', 'restore, file:'],
] as const;

/** The time of one kind of run at one size. */
export interface SizeTime {
	readonly title: string;
	/** Rows in millions. */
	readonly millions: number;
	readonly seconds: number;
}

/** The contestants that are wanted for it. */
export const SIZE_CONTESTANTS: readonly string[] = GROWING.flatMap(([id]) => SIZES.map((size) => idAt(id, size)));

/** Time against size: a cost that grows faster than the data shows in the seconds a million rows. */
export function timesBySize(samples: Samples, scale: number): SizeTime[] {
	return GROWING.flatMap(([id, title]) =>
		SIZES.map((size) => ({
			title,
			millions: Number(size) * scale * 1.1,
			seconds: secondsOf(idAt(id, size), samples),
		})),
	);
}

function idAt(id: string, size: string): string {
	return size === '1' ? id : `${id}-${size}`;
}
