import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@libsql/client';
import { parseDatabaseUrl } from '../../lib/core/database-url';
import type { Database } from '../../lib/engine/engine';
import { libsqlEngine } from '../../lib/engine/libsql/index';
import { DatabaseTokens } from './database-tokens';
import { dumpOf, type HeldDump, restoreInto } from './fixtures';
import { type Sqld, startSqld } from './sqld';

export const API_TOKEN = 'platform-token-Xc5ViQ8nTz4Rk9WsLb2J';
export const ORGANIZATION = 'acme';

/** A database of the platform: a real sqld of its own. */
interface Hosted {
	readonly id: string;
	readonly name: string;
	readonly group: string;
	readonly sqld: Sqld;
	readonly parent: { readonly id: string; readonly name: string; readonly branched_at: string } | null;
	isProtected: boolean;
	/** What was in it, and when, as far as that was noted. */
	readonly history: { readonly at: number; readonly content: HeldDump }[];
	/** Settled when it answers. */
	ready: Promise<void>;
}

export interface TursoServer {
	/** For `TURSO_API_URL`. */
	readonly url: string;
	/** What a process needs to work with the database called `name`. */
	envFor(name: string): Record<string, string>;
	/** Adds a database with what `sql` makes. */
	add(name: string, sql?: string): Promise<void>;
	run(name: string, sql: string): Promise<void>;
	rows(name: string, sql: string): Promise<unknown[][]>;
	/** Notes what is in a database as that of a moment, for recovery to that point. */
	note(name: string, at: string): Promise<void>;
	protect(name: string): void;
	names(): string[];
	/** The calls so far: `POST /databases` and the like. */
	readonly calls: string[];
	/** Answers the next call of that kind with this, `times` times. */
	fail(
		call: string,
		answer: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> },
		times?: number,
	): void;
	/** Called when a database has been made, before the answer. */
	onMade: (name: string) => Promise<void>;
	/** Has databases that are made from now on never answer. */
	makeDead(): void;
	close(): Promise<void>;
}

/**
 * A server that speaks the parts of Turso's Platform API that are documented at docs.turso.tech/api-reference/databases
 * and used here: list, retrieve, create with a seed of another database, delete, create a token. Each database is a real
 * sqld, which wants a token that the server has signed.
 */
export async function startTurso(folder: string): Promise<TursoServer> {
	const tokens = new DatabaseTokens();
	const options = await tokens.serverOptions(folder);
	const own = tokens.sign();
	const hosted = new Map<string, Hosted>();
	const calls: string[] = [];
	const failures: { call: string; answer: Parameters<TursoServer['fail']>[1]; times: number }[] = [];
	let isDead = false;

	const of = (name: string): Hosted => {
		const found = hosted.get(name);
		if (found === undefined) throw new Error(`no database ${name}`);
		return found;
	};
	const withClient = async <T>(sqld: Sqld, work: (client: ReturnType<typeof createClient>) => Promise<T>) => {
		const client = createClient({ url: sqld.url, authToken: own });
		return work(client).finally(() => client.close());
	};
	const withDatabase = async <T>(sqld: Sqld, work: (database: Database) => Promise<T>) => {
		const database = await libsqlEngine.open(parseDatabaseUrl(`${sqld.url}?authToken=${own}`), {});
		return work(database).finally(() => database.close());
	};
	// By our own dump, as that of sqld loses values.
	const contentOf = ({ sqld }: Hosted) => withDatabase(sqld, (database) => dumpOf(database));
	const add = async (name: string, content: string | HeldDump, more: Partial<Hosted> = {}): Promise<Hosted> => {
		const sqld = await startSqld(options);
		if (typeof content === 'string') await withClient(sqld, (client) => client.executeMultiple(content));
		else await withDatabase(sqld, (database) => restoreInto(database, content));
		const base = { id: randomUUID(), name, group: 'default', sqld, parent: null, isProtected: false, history: [] };
		const one: Hosted = { ...base, ready: Promise.resolve(), ...more };
		hosted.set(name, one);
		return one;
	};
	const describe = (one: Hosted) => ({
		DbId: one.id,
		Hostname: new URL(one.sqld.url).host,
		Name: one.name,
		group: one.group,
		parent: one.parent,
		delete_protection: one.isProtected,
		block_reads: false,
		block_writes: false,
	});

	const create = async (body: Buffer): Promise<[number, unknown]> => {
		const { name, group, seed } = JSON.parse(body.toString());
		if (!/^[a-z0-9-]{1,64}$/.test(name)) return [400, { error: 'invalid database name' }];
		if (hosted.has(name)) return [409, { error: `database with name ${name} already exists` }];
		if (group !== 'default') return [400, { error: 'group not found' }];
		const source = hosted.get(seed?.name);
		if (seed?.type !== 'database' || source === undefined) return [400, { error: 'could not find the seed database' }];
		let content = await contentOf(source);
		if (seed.timestamp !== undefined) {
			const until = Date.parse(seed.timestamp);
			const noted = source.history.filter(({ at }) => at <= until).at(-1);
			if (noted === undefined) return [400, { error: 'timestamp is before the beginning of the retention period' }];
			content = noted.content;
		}
		const parent = { id: source.id, name: source.name, branched_at: new Date().toISOString() };
		const made = await add(name, content, { parent });
		// As with the real one, it is there before it answers.
		await made.sqld.kill();
		if (!isDead) made.ready = made.sqld.restart();
		await turso.onMade(name);
		const { DbId, Hostname, Name } = describe(made);
		return [200, { database: { DbId, Hostname, Name } }];
	};

	const answer = async (
		method: string,
		path: string,
		query: URLSearchParams,
		body: Buffer,
	): Promise<[number, unknown]> => {
		const [, name, rest] = /^\/databases(?:\/([^/]+))?(\/.*)?$/.exec(path) ?? [];
		if (name === undefined) {
			if (method === 'GET') return [200, { databases: [...hosted.values()].map(describe) }];
			return create(body);
		}
		const one = hosted.get(decodeURIComponent(name));
		if (one === undefined) return [404, { error: `could not find database with name ${name}: record not found` }];
		if (rest === '/auth/tokens' && method === 'POST') {
			const seconds = Math.floor(Date.now() / 1000) + 86_400;
			const isReader = query.get('authorization') === 'read-only' && query.get('expiration') === '1d';
			return [200, { jwt: tokens.sign(isReader ? { a: 'ro', exp: seconds } : {}) }];
		}
		if (method === 'GET') return [200, { database: describe(one) }];
		if (one.isProtected) return [403, { error: 'delete protection is enabled' }];
		hosted.delete(one.name);
		await one.ready;
		await one.sqld.close();
		return [200, { database: one.name }];
	};

	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const url = new URL(request.url ?? '', 'http://localhost');
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const send = (status: number, body: string, headers: Record<string, string> = {}) =>
			response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
		if (request.headers.authorization !== `Bearer ${API_TOKEN}`) return void send(401, '{"error":"invalid token"}');
		const [, organization, path = ''] = /^\/v1\/organizations\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
		if (organization !== ORGANIZATION) return void send(404, '{"error":"could not find organization"}');
		const method = request.method ?? '';
		const call = `${method} ${path.replace(/^\/databases\/[^/]+/, '/databases/:name')}`;
		calls.push(`${method} ${path}`);
		const failure = failures.find((one) => one.call === call && one.times > 0);
		if (failure !== undefined) {
			failure.times--;
			if (failure.answer.status === 0) return void request.socket.destroy();
			return void send(failure.answer.status, failure.answer.body, failure.answer.headers);
		}
		const [status, body] = await answer(method, path, url.searchParams, Buffer.concat(chunks));
		send(status, JSON.stringify(body));
	};

	const server = createServer((request, response) => {
		handle(request, response).catch((error) => response.writeHead(500).end(JSON.stringify({ error: String(error) })));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const turso: TursoServer = {
		url,
		calls,
		onMade: async () => {},
		envFor: (name) => ({
			TURSO_DATABASE_URL: of(name).sqld.url,
			TURSO_AUTH_TOKEN: own,
			TURSO_API_URL: url,
			TURSO_API_TOKEN: API_TOKEN,
			TURSO_ORGANIZATION: ORGANIZATION,
		}),
		add: async (name, sql = '') => void (await add(name, sql)),
		run: (name, sql) => withClient(of(name).sqld, (client) => client.executeMultiple(sql)),
		rows: (name, sql) =>
			withClient(of(name).sqld, async (client) => {
				const { rows, columns } = await client.execute(sql);
				return rows.map((row) => columns.map((_, nth) => row[nth]));
			}),
		async note(name, at) {
			of(name).history.push({ at: Date.parse(at), content: await contentOf(of(name)) });
		},
		protect(name) {
			of(name).isProtected = true;
		},
		names: () => [...hosted.keys()],
		fail: (call, failed, times = 1) => void failures.push({ call, answer: failed, times }),
		makeDead() {
			isDead = true;
		},
		async close() {
			server.close();
			server.closeAllConnections();
			for (const { sqld, ready } of hosted.values()) {
				await ready;
				await sqld.close();
			}
		},
	};
	return turso;
}
