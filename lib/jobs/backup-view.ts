// STUB, until the facts helper's file of this name is merged.
import type { EnvironmentSource } from '../config/environment';
import type { BackupView, NoBackupView } from '../status/view';

export async function readBackupView(_env: EnvironmentSource, id: string): Promise<BackupView | NoBackupView> {
	return { kind: 'no-backup', id, error: { code: 'BACKUP_NOT_FOUND', message: 'a stub', hint: null } };
}
