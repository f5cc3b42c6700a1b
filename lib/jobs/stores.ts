import type { Config } from '../config/config';
import { LifeboatError } from '../core/errors';
import { type JobContext, type OpenStore, openFolder, openStore } from './context';
import { openCopy } from './open-copy';

/** One of the stores that backups may lie in. */
export interface NamedStore {
	/** `primary`, the name of a copy, or `local`. */
	readonly name: string;
	/** Opens it for reading. Nothing is sent before its first use. */
	open(): Promise<OpenStore>;
}

/** Where to look for backups. */
export interface LookOptions {
	/** The name of the one store to look in; undefined: in every one, in order. */
	readonly from?: string;
	readonly signal?: AbortSignal;
	/** Told of a store that could not be asked, before the next one is. */
	readonly onUnreachable?: (store: string, error: LifeboatError) => void;
}

/**
 * The stores that backups may lie in, in the order in which they are looked into: the configured one, its copies, and
 * the local folder where that is another.
 *
 * @throws LifeboatError `USAGE_INVALID` if there is none called `from`; `CONFIG_INVALID` if nobody can tell, as the list
 *   of copies is wrong
 */
export function storesOf(config: Config, from: string | undefined, context: JobContext): NamedStore[] {
	const { store, copies, localDir } = config;
	const all: NamedStore[] = copies.map((copy) => ({ name: copy.name, open: () => openCopy(copy, 'read', context) }));
	if (store !== null) all.unshift({ name: 'primary', open: () => openStore({ ...config, store }, context) });
	if (store?.kind !== 'local' || from === 'local')
		all.push({ name: 'local', open: () => openFolder(localDir, context) });
	if (from === undefined) return all;
	const chosen = all.filter(({ name }) => name === from);
	if (chosen.length > 0) return chosen;
	const list = copies.find(({ name }) => name === 'BACKUP_COPIES')?.store;
	if (list?.kind === 'invalid') throw list.error;
	throw new LifeboatError('USAGE_INVALID', `there is no store called ${JSON.stringify(from)}`, {
		hint: `say --from ${all.map(({ name }) => name).join(', ')}; copies are named by BACKUP_COPIES`,
	});
}

/** Claims that what a store failed at hinders nobody from looking into the next. */
export function isUnreachable(error: unknown): error is LifeboatError {
	return error instanceof LifeboatError && (error.class === 'unreachable' || error.code === 'CONFIG_INVALID');
}

/** Where something was found, for people: a copy by its name, too. */
export function whereOf(name: string, { store }: OpenStore): string {
	return name === 'primary' || name === 'local' ? store.label : `${name}: ${store.label}`;
}
