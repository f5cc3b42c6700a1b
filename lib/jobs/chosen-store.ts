import type { Config } from '../config/config';
import { LifeboatError } from '../core/errors';
import { type JobContext, type OpenStore, openFolder, openStore } from './context';

/**
 * Opens the configured store for the time of `use`, or the local folder, and closes it.
 *
 * @param local the local folder, whatever store is configured
 * @throws LifeboatError `CONFIG_INVALID` if there is none
 */
export async function withChosenStore<T>(
	config: Config,
	local: boolean,
	context: JobContext,
	use: (open: OpenStore) => Promise<T>,
): Promise<T> {
	if (!local && config.store === null)
		throw new LifeboatError('CONFIG_INVALID', 'no store is configured', {
			hint: 'set BLOB_READ_WRITE_TOKEN, or say --local',
		});
	const open =
		local || config.store === null
			? await openFolder(config.localDir, context)
			: await openStore({ ...config, store: config.store }, context);
	try {
		return await use(open);
	} finally {
		await open.store.close();
	}
}
