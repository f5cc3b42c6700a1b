import { createBriefMemory } from '../../../lib/http/brief-memory';
import { handleHealthRequest } from '../../../lib/http/health-route';

export const dynamic = 'force-dynamic';
export const maxDuration = 60;

const memory = createBriefMemory<'ok' | 'failing'>(60_000);

export async function GET(request: Request): Promise<Response> {
	return handleHealthRequest(request, {
		env: process.env,
		memory,
		checkHealth: async (options) => (await import('../../../lib/jobs/health')).checkHealth(options),
	});
}
