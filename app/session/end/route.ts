import { handleSignOut } from '../../../lib/http/sign-out';

export const dynamic = 'force-dynamic';

export function POST(request: Request): Response {
	return handleSignOut(request, { env: process.env });
}

export { POST as GET };
