// STUB, until the view helper's file of this name is merged.
import type { BackupView, NoBackupView } from '../../lib/status/view';

export function BackupPage({ view }: { readonly view: BackupView | NoBackupView }) {
	return (
		<main>
			<h1>Backup {view.kind === 'backup' ? view.point.id : view.id}</h1>
		</main>
	);
}
