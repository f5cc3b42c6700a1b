import { BackupPage } from '../../_view/backup-page';
import { requireSession } from '../../access';

export const dynamic = 'force-dynamic';
export const maxDuration = 60;
export const metadata = { title: 'Backup' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
	const { id } = await params;
	await requireSession(`/backups/${id}`);
	const { readBackupView } = await import('../../../lib/jobs/backup-view');
	return <BackupPage view={await readBackupView(process.env, id)} />;
}
