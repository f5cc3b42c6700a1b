import type { ConfigWith } from '../config/config';
import { LifeboatError } from '../core/errors';
import { type JobContext, openStore, placeOf, systemContext } from './context';
import { type CopyVerdict, copyToAll } from './copy';
import { withLease } from './with-lease';

export interface CopyByHandOptions {
	readonly config: ConfigWith<'store' | 'name'>;
	/** Names of the copies; none: all. */
	readonly only: readonly string[];
	/** Without it, it is only found out what is missing. */
	readonly confirm: boolean;
	readonly signal: AbortSignal;
	readonly onCopy?: (copy: string, id: string) => void;
}

/** Copies to the further stores whatever they lack, of all backups of the first store. */
export async function copyByHand(
	options: CopyByHandOptions,
	context: JobContext = systemContext,
): Promise<CopyVerdict[]> {
	const { config, only, confirm, signal, onCopy } = options;
	const unknown = only.find((name) => !config.copies.some((copy) => copy.name === name));
	if (unknown !== undefined || config.copies.length === 0)
		throw new LifeboatError('CONFIG_INVALID', `there is no copy${unknown ? ` ${JSON.stringify(unknown)}` : ''}`, {
			hint: 'name it in BACKUP_COPIES, and set it up; see docs/copies.md',
		});
	const copies = config.copies.filter(({ name }) => only.length === 0 || only.includes(name));
	const open = await openStore(config, context);
	const from = { store: open.store, place: placeOf(open, config.name) };
	const copy = (renew?: () => Promise<void>) => {
		const common = { copies, context, signal, limit: Number.POSITIVE_INFINITY, renew, onCopy };
		return copyToAll(from, config.name, { ...common, dryRun: !confirm });
	};
	try {
		return confirm ? await withLease(open, config.name, context, signal, ({ renew }) => copy(renew)) : await copy();
	} finally {
		await open.store.close();
	}
}
