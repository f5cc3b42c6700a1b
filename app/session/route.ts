import { handleSignIn } from '../../lib/http/sign-in';
import { createAttemptMemory } from '../../lib/jobs/sign-in-memory';

export const dynamic = 'force-dynamic';
export const maxDuration = 60;

const memory = createAttemptMemory();

export async function POST(request: Request): Promise<Response> {
	return handleSignIn(request, {
		env: process.env,
		memory,
		countAttempt: async (options) => (await import('../../lib/jobs/sign-in-attempts')).countAttempt(options),
		forgetAttempts: async (options) => (await import('../../lib/jobs/sign-in-attempts')).forgetAttempts(options),
	});
}

export { POST as GET };
