import { handleBackupRequest } from '../../../../lib/http/backup-route';

export const dynamic = 'force-dynamic';
export const maxDuration = 300;

export async function GET(request: Request): Promise<Response> {
	return handleBackupRequest(request, {
		env: process.env,
		runNightly: async (options) => (await import('../../../../lib/jobs/nightly')).runNightly(options),
		tellOfConfig: async (...given) => (await import('../../../../lib/jobs/tell-config')).tellOfConfig(...given),
	});
}
