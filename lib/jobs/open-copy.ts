import type { CopyConfig, S3Config, S3Keys } from '../config/config';
import { LifeboatError } from '../core/errors';
import { type JobContext, type OpenStore, openFolder } from './context';

/** What a copy is opened for: each may have keys of its own. */
export type CopyUse = 'write' | 'read' | 'prune';

/**
 * Opens a copy's store. Nothing is sent before its first use.
 *
 * @throws LifeboatError `CONFIG_INVALID` if it is set up wrongly, or there are no keys for that use
 */
export async function openCopy({ name, store }: CopyConfig, use: CopyUse, context: JobContext): Promise<OpenStore> {
	if (store.kind === 'invalid') throw store.error;
	if (store.kind === 'local') return openFolder(store.directory, context, { mustExist: true });
	const credentials = keysFor(store, use);
	if (credentials === null) {
		const variable = `BACKUP_S3_${name.toUpperCase()}_ACCESS_KEY_ID`;
		throw new LifeboatError('CONFIG_INVALID', `there are no keys to ${use} with in the copy ${name}`, {
			hint: `set ${variable} and its secret`,
			data: { variables: [variable] },
		});
	}
	const { openS3Store } = await import('../store/s3');
	return { store: openS3Store({ ...store, ...context, credentials }), prefix: store.prefix };
}

function keysFor({ credentials, readCredentials, pruneCredentials }: S3Config, use: CopyUse): S3Keys | null {
	if (use === 'write') return credentials;
	return (use === 'read' ? readCredentials : pruneCredentials) ?? credentials;
}
