import { LifeboatError } from '../core/errors';
import { type JobContext, systemContext } from './context';
import { type VerifyOptions, type VerifyResult, verify } from './verify';

/**
 * Proves that the identity at hand opens the newest backup: reads it whole.
 *
 * @throws LifeboatError `USAGE_INVALID` for a backup that is not sealed; as `verify` does
 */
export async function checkKey(
	options: Omit<VerifyOptions, 'backup' | 'drill'>,
	context: JobContext = systemContext,
): Promise<VerifyResult> {
	const result = await verify({ ...options, backup: 'latest', drill: false }, context);
	if (result.recipients.length > 0) return result;
	throw new LifeboatError('USAGE_INVALID', `the newest backup, ${result.backup}, is not sealed: anyone can read it`, {
		hint: 'set BACKUP_AGE_RECIPIENTS where backups are made, and try again when the next one is there',
		data: { id: result.backup },
	});
}
