import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handleBackupRequest } from '../../lib/http/backup-route';
import { createBriefMemory } from '../../lib/http/brief-memory';
import { handleHealthRequest } from '../../lib/http/health-route';
import { checkHealth } from '../../lib/jobs/health';
import { runNightly } from '../../lib/jobs/nightly';
import { tellOfConfig } from '../../lib/jobs/tell-config';

/** The routes of the app, behind a server of this process. */
export async function serveApp(
	env: Record<string, string>,
): Promise<{ readonly url: string; close(): Promise<unknown> }> {
	const memory = createBriefMemory<'ok' | 'failing'>(60_000);
	const writeLog = () => {};
	const answer = (request: Request) =>
		new URL(request.url).pathname === '/api/health'
			? handleHealthRequest(request, { env, memory, checkHealth, writeLog })
			: handleBackupRequest(request, { env, runNightly, tellOfConfig, writeLog });
	const server = createServer(async (incoming, response) => {
		const { authorization } = incoming.headers;
		const headers = new Headers(authorization === undefined ? {} : { authorization });
		const given = await answer(new Request(`${url}${incoming.url}`, { headers }));
		response.writeHead(given.status, { 'content-type': 'application/json' }).end(await given.text());
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const close = () => {
		server.closeAllConnections();
		return new Promise((done) => server.close(done));
	};
	return { url, close };
}
