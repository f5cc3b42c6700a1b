import { handleDrillRequest } from '../../../../lib/http/drill-route';

export const dynamic = 'force-dynamic';
export const maxDuration = 300;

export async function GET(request: Request): Promise<Response> {
	return handleDrillRequest(request, {
		env: process.env,
		runDrill: async (options) => (await import('../../../../lib/jobs/drill')).runDrill(options),
		tellOfDrill: async (outcome, options) =>
			(await import('../../../../lib/jobs/tell-drill')).tellOfDrill(outcome, options),
		tellOfConfig: async (...given) => (await import('../../../../lib/jobs/tell-config')).tellOfConfig(...given),
	});
}
