import type { LifeboatError } from '../core/errors';

/** `--from NAME`, of all commands that read backups. */
export const FROM = {
	kind: 'text',
	value: 'NAME',
	summary: 'look in this store only: primary, a copy by its name, or local',
} as const;

/** What is said of a store that could not be asked. */
export function sayUnreachable(say: (text: string) => void): (store: string, error: LifeboatError) => void {
	return (store, { message }) => say(`could not look in ${store}: ${message}`);
}

/** With what a sealed backup is opened. */
export const IDENTITY = {
	kind: 'text',
	value: 'FILE',
	summary: 'the age identity that opens a sealed backup (else BACKUP_AGE_IDENTITY)',
} as const;

/** Which store a command looks after. */
export const STORE = {
	kind: 'text',
	value: 'NAME',
	summary: 'in this store instead of the first: a copy by its name, or local',
} as const;
