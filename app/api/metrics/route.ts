import { handleMetricsRequest } from '../../../lib/http/health-route';

export const dynamic = 'force-dynamic';
export const maxDuration = 60;

export async function GET(request: Request): Promise<Response> {
	return handleMetricsRequest(request, {
		env: process.env,
		checkHealth: async (options) => (await import('../../../lib/jobs/health')).checkHealth(options),
	});
}
