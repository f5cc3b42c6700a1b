import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LifeboatError } from '../../lib/core/errors';
import { Secret } from '../../lib/core/secret';
import { openPlatform, type TursoPlatform } from '../../lib/engine/turso/platform';
import { quick } from '../support/fixtures';
import { givenListener } from '../support/listener';
import { API_TOKEN, ORGANIZATION, startTurso, type TursoServer } from '../support/turso-server';

let folder: string;
let turso: TursoServer;
const waits: number[] = [];
/** No waiting, but noted. */
const clock = {
	...quick.clock,
	sleep: async (ms: number) => void waits.push(ms),
};
const open = (token = API_TOKEN, organization = ORGANIZATION): TursoPlatform =>
	openPlatform({ url: turso.url, organization, token: new Secret(token), clock, random: quick.random });
const WANTED = { name: 'new', group: 'default', from: 'shop', at: null };

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'lifeboat-platform-'));
	turso = await startTurso(folder);
	await turso.add('shop', 'CREATE TABLE t(a)');
});
afterEach(() => {
	waits.length = 0;
	turso.calls.length = 0;
});
afterAll(async () => {
	await turso.close();
	await rm(folder, { recursive: true, force: true });
});

describe("Turso's Platform API", () => {
	it('lists, tells of one, and of none', async () => {
		const [shop, ...more] = await open().list();
		expect([shop?.name, shop?.group, more]).toEqual(['shop', 'default', []]);
		expect(await open().get('shop')).toEqual(shop);
		expect(await open().get('none')).toBeNull();
		expect(await open().get('../../x?y')).toBeNull();
		expect(turso.calls.at(-1)).toBe('GET /databases/..%2F..%2Fx%3Fy');
	});

	it('makes a database, a token for it, and deletes it; twice if it must', async () => {
		const platform = open();
		const made = await platform.create(WANTED);
		expect(made).toMatchObject({ name: 'new', hostname: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
		const token = await platform.createReadToken('new');
		expect(`${token}`).toBe('[redacted]');
		expect(JSON.parse(Buffer.from(token.reveal().split('.')[1] as string, 'base64url').toString()).a).toBe('ro');
		expect((await platform.get('new'))?.id).toBe(made.id);
		await expect(platform.create(WANTED)).rejects.toMatchObject({ code: 'DATABASE_EXISTS', class: 'guard' });
		await platform.delete('new');
		await platform.delete('new');
		expect(turso.names()).toEqual(['shop']);
	});

	it('is asked again where that does no harm', async () => {
		const busy = { status: 429, body: '{"error":"slow down"}' };
		turso.fail('GET /databases', busy);
		turso.fail('GET /databases', { status: 503, body: '<html>' });
		turso.fail('GET /databases', { status: 0, body: '' });
		expect(await open().list()).toHaveLength(1);
		expect([turso.calls.length, waits.length]).toEqual([4, 3]);
		turso.fail('POST /databases', busy);
		await open().create(WANTED);
		await open().delete('new');
	});

	it('is not asked twice to make a database that may be there', async () => {
		for (const status of [500, 0]) {
			turso.calls.length = 0;
			turso.fail('POST /databases', { status, body: '{}' });
			await expect(open().create(WANTED)).rejects.toMatchObject({
				code: 'DATABASE_UNREACHABLE',
				data: { mayBeDone: true },
			});
			expect(turso.calls).toEqual(['POST /databases']);
		}
	});

	it.each([
		[401, '{"error":"bad token"}', 'DATABASE_REFUSED'],
		[402, '{"error":"pay"}', 'DATABASE_REFUSED'],
		[403, '', 'DATABASE_REFUSED'],
		[400, '{"error":"group not found"}', 'DATABASE_FAILED'],
		[200, '<html>', 'DATABASE_FAILED'],
		[200, '{"database":{"DbId":"1","Name":"x","Hostname":"evil.example/path?"}}', 'DATABASE_FAILED'],
		[200, '{}', 'DATABASE_FAILED'],
	])('answers %i %s, which is %s', async (status, body, code) => {
		turso.fail('GET /databases/:name', { status, body });
		await expect(open().get('x')).rejects.toMatchObject({ code });
	});

	it('tells a wrong token and a wrong organization', async () => {
		await expect(open('wrong').list()).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
		await expect(open(API_TOKEN, 'others').list()).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
		await expect(open(API_TOKEN, 'others').create(WANTED)).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
	});

	it('tells the words of the API, and the token to nobody', async () => {
		turso.fail('GET /databases/:name', { status: 400, body: '{"error":"group not found"}' });
		const failed = await open()
			.get('x')
			.catch((error: LifeboatError) => error);
		expect(failed).toMatchObject({
			message: "looking for the database x failed: Turso's API answered 400: group not found",
		});
		expect(inspect(failed, { depth: 9 })).not.toContain(API_TOKEN);
	});

	it('sends the token to no other place that an answer leads to', async () => {
		const elsewhere = await givenListener();
		const headers = { location: `${elsewhere.url}/v1/organizations/acme/databases/shop` };
		turso.fail('GET /databases/:name', { status: 302, body: '', headers });
		await expect(open().get('shop')).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
		expect(elsewhere.heard).toHaveLength(1);
		expect(JSON.stringify(elsewhere.heard)).not.toContain(API_TOKEN);
	});

	it('is not waited for once the signal aborts', async () => {
		const reason = new Error('stopped');
		await expect(open().list(AbortSignal.abort(reason))).rejects.toBe(reason);
	});
});
