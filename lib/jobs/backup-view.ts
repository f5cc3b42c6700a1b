import { isBackupId } from '../backup/backup-id';
import type { EnvironmentSource } from '../config/environment';
import { loadConfig, loadRunbookUrl } from '../config/load';
import { redactSecrets } from '../config/redact';
import { shownSettings } from '../config/settings';
import { LifeboatError, toLifeboatError } from '../core/errors';
import { backupViewOf, noBackupView } from '../status/backup-view';
import { unreachableView } from '../status/other-views';
import { linksTo } from '../status/runbook';
import type { BackupView, MisconfiguredView, NoBackupView, UnreachableView } from '../status/view';
import { lookForBackup } from './backup-look';
import { type JobContext, systemContext } from './context';
import { findMisconfigured, misconfiguredBy } from './status';

/**
 * Reads all that is known of one backup, for a page of its own: from the first store that has it, and whether the others
 * do. Never rejects, as `readStatus`; takes 10 s at most for each store, all at once; writes nothing.
 */
export async function readBackupView(
	env: EnvironmentSource,
	id: string,
	context: JobContext = systemContext,
): Promise<BackupView | NoBackupView | MisconfiguredView | UnreachableView> {
	const misconfigured = findMisconfigured(env);
	if (misconfigured !== null) return misconfigured;
	const redact = (text: string) => redactSecrets(text, env);
	if (!isBackupId(id)) return noBackupView(id, notFound(id, []), redact);
	const config = loadConfig(env, { need: ['store', 'name'] });
	const now = context.clock.now();
	try {
		const { found, stores } = await lookForBackup(config, id, context);
		const unasked = stores.filter(({ isThere }) => isThere === null).map(({ name }) => name);
		if (found === null) return noBackupView(id, notFound(id, unasked), redact);
		if (found instanceof LifeboatError) return noBackupView(id, found, redact);
		return backupViewOf({ ...found, copies: stores.map(({ error: _, ...store }) => store), now });
	} catch (caught) {
		const error = toLifeboatError(caught);
		if (error.code === 'CONFIG_INVALID') return misconfiguredBy(error, env);
		const copies = config.copies.map(({ name }) => name);
		const linkTo = linksTo(loadRunbookUrl(env));
		return unreachableView({
			database: config.name,
			error,
			redact,
			now,
			copies,
			configuration: shownSettings(env),
			linkTo,
		});
	}
}

function notFound(id: string, unasked: readonly string[]): LifeboatError {
	const where = unasked.length === 0 ? '' : `, as far as could be asked: ${unasked.join(', ')} could not`;
	return new LifeboatError('BACKUP_NOT_FOUND', `there is no backup ${JSON.stringify(id.slice(0, 100))}${where}`, {
		hint: 'the status page lists what there is; an old backup may have been removed by the rules',
	});
}
