import type { Lease } from '../backup/lease';
import type { Config, ConfigWith } from '../config/config';
import { LifeboatError } from '../core/errors';
import { type JobContext, type OpenStore, openStore } from './context';
import { openCopy } from './open-copy';
import { isUnreachable, storesOf } from './stores';
import { withLease } from './with-lease';

/** Which store is looked after. */
export interface ChoiceOptions {
	/** `primary`, the name of a copy, or `local`; undefined: the configured store. */
	readonly from?: string;
}

/**
 * Opens a store to look after it, for the time of `use`, and closes it. A copy is opened by the keys that may delete.
 *
 * @throws LifeboatError `CONFIG_INVALID` if none is configured; `USAGE_INVALID` if there is none called `from`
 */
export async function withChosenStore<T>(
	config: Config,
	from: string | undefined,
	context: JobContext,
	use: (open: OpenStore) => Promise<T>,
): Promise<T> {
	const open = await openChosen(config, from, context);
	try {
		return await use(open);
	} finally {
		await open.store.close();
	}
}

async function openChosen(config: Config, from: string | undefined, context: JobContext): Promise<OpenStore> {
	const { store } = config;
	if (from === undefined) {
		if (store !== null) return openStore({ ...config, store }, context);
		throw new LifeboatError('CONFIG_INVALID', 'no store is configured', {
			hint: 'set BLOB_READ_WRITE_TOKEN, or say --from local',
		});
	}
	const copy = config.copies.find(({ name }) => name === from);
	if (copy) return openCopy(copy, 'prune', context);
	const [chosen] = storesOf(config, from, context);
	return (chosen as NonNullable<typeof chosen>).open();
}

/**
 * Does `work` as the one run at work, on a store that was chosen. A copy is written and pruned under the first store's
 * lease: that is the one to take, unless that store cannot be asked.
 *
 * @throws LifeboatError `LEASE_HELD`
 */
export async function withChosenLease<T>(
	open: OpenStore,
	config: ConfigWith<'name'>,
	{ from }: ChoiceOptions,
	context: JobContext,
	signal: AbortSignal | undefined,
	work: (lease: Lease) => Promise<T>,
): Promise<T> {
	const { store, name } = config;
	const isCopy = config.copies.some((copy) => copy.name === from);
	if (!isCopy || store === null) return withLease(open, name, context, signal, work);
	const first = await openStore({ ...config, store }, context);
	let isTaken = false;
	try {
		return await withLease(first, name, context, signal, (lease) => {
			isTaken = true;
			return work(lease);
		});
	} catch (error) {
		if (isTaken || !isUnreachable(error)) throw error;
		return await withLease(open, name, context, signal, work);
	} finally {
		await first.store.close();
	}
}
