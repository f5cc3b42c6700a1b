import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** What Turso says when a plan is used up. */
export const QUOTA_REASON = 'SQL read operations are forbidden (reads are blocked, do you need to upgrade your plan?)';

/** The side of a sqld server by which it is run. */
export interface SqldAdmin {
	/** For the server that it is to be the side of. */
	readonly args: readonly string[];
	/** Has the database refuse to be read, or to be written, as Turso does when a plan is used up. */
	block(what: { readonly reads: boolean; readonly writes: boolean }): Promise<void>;
}

/** Prepares the administration of a server that is started with its `args`. */
export async function prepareAdmin(): Promise<SqldAdmin> {
	const address = `127.0.0.1:${await closedPort()}`;
	return {
		args: ['--admin-listen-addr', address],
		async block({ reads, writes }) {
			const body = JSON.stringify({ block_reads: reads, block_writes: writes, block_reason: QUOTA_REASON });
			const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
			const answer = await fetch(`http://${address}/v1/namespaces/default/config`, init);
			if (!answer.ok) throw new Error(`sqld answered ${answer.status}: ${await answer.text()}`);
		},
	};
}

/** A port of 127.0.0.1 where nobody listens. */
export async function closedPort(): Promise<number> {
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	await new Promise((done) => other.close(done));
	return port;
}
