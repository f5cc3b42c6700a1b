import { StatusPage } from './_view/status-page';
import { requireSession } from './access';

export const dynamic = 'force-dynamic';
export const maxDuration = 60;
export const metadata = { title: 'Status' };

export default async function Page() {
	await requireSession('/');
	const { readStatus } = await import('../lib/jobs/status');
	return <StatusPage view={await readStatus(process.env)} />;
}
