import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runScript, startScript } from '../support/cli';
import { API_TOKEN, startTurso } from '../support/turso-server';

const SHOP = `
	CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
	CREATE TABLE orders(id INTEGER PRIMARY KEY, total REAL);
	INSERT INTO users VALUES (1, 'Ada'), (2, 'Zoë'), (3, 'Grace');
	INSERT INTO orders VALUES (1, 2.5);
`;
/** Several servers and processes each, on a machine that is at work. */
const LONG = { timeout: 180_000 };

async function givenShop() {
	const cwd = await mkdtemp(join(tmpdir(), 'lifeboat-pitr-'));
	const turso = await startTurso(cwd);
	onTestFinished(async () => {
		await turso.close();
		await rm(cwd, { recursive: true, force: true });
	});
	await turso.add('shop', SHOP);
	const env = turso.envFor('shop');
	const run = async (words: string[], more: Record<string, string> = {}) => {
		const ended = await runScript('turso-pitr', words, { cwd, env: { ...env, ...more } });
		for (const text of [ended.stdout, ended.stderr])
			for (const secret of [API_TOKEN, env.TURSO_AUTH_TOKEN as string, 'eyJ']) expect(text).not.toContain(secret);
		return ended;
	};
	const codeOf = async (words: string[], more?: Record<string, string>) => {
		const ended = await run([...words, '--json'], more);
		return [ended.exit, ended.json().error?.code];
	};
	const start = (words: string[]) => startScript('turso-pitr', words, { cwd, env });
	return { turso, run, start, codeOf };
}

describe('turso-pitr', LONG, () => {
	it('makes a database as it was at a moment, waits for it, and counts both', async () => {
		const { turso, run } = await givenShop();
		await turso.note('shop', '2026-11-20T14:00:00Z');
		await turso.run('shop', 'DELETE FROM users WHERE id > 1; CREATE TABLE late(a); INSERT INTO orders VALUES (2, 1.0)');
		await turso.note('shop', '2026-11-20T15:00:00Z');
		const words = ['--at', '2026-11-20T15:30:00+01:00', '--name', 'shop-before'];
		const dry = await run(words);
		expect([dry.exit, dry.stderr]).toEqual([0, '']);
		expect(dry.stdout).toContain('from     shop, as it was at 2026-11-20T14:30:00.000Z');
		expect(dry.stdout).toContain('nothing was made');
		expect(turso.names()).toEqual(['shop']);
		expect(turso.calls.every((call) => call.startsWith('GET '))).toBe(true);
		const done = await run([...words, '--confirm']);
		expect([done.exit, done.stderr]).toEqual([0, '']);
		expect(done.stdout).toMatch(/^url {6}http:\/\/127\.0\.0\.1:\d+$/m);
		expect(done.stdout).toContain('turso db tokens create shop-before');
		expect(done.stdout).toMatch(/^users +1 +3 +\+2$/m);
		expect(done.stdout).toMatch(/^orders +2 +1 +-1$/m);
		expect(done.stdout).toMatch(/^late +0 +- +not in the new one$/m);
		expect(turso.names()).toEqual(['shop', 'shop-before']);
		expect(await turso.rows('shop-before', 'SELECT name FROM users')).toEqual([['Ada'], ['Zoë'], ['Grace']]);
		// The original is as it was.
		expect(await turso.rows('shop', 'SELECT count(*) FROM users')).toEqual([[1]]);
	});

	it('makes a branch, with a name of its own', async () => {
		const { turso, run } = await givenShop();
		const done = await run(['--branch', '--confirm', '--json']);
		const { status, from, name, at, tables } = done.json();
		expect([done.exit, status, from, at]).toEqual([0, 'made', 'shop', null]);
		expect(name).toMatch(/^shop-branch-\d{8}t\d{6}z$/);
		expect(tables).toEqual([
			{ table: 'users', rowsThere: 3, rowsNew: 3 },
			{ table: 'orders', rowsThere: 1, rowsNew: 1 },
		]);
		expect(turso.names()).toEqual(['shop', name]);
		expect(turso.calls.filter((call) => call.startsWith('DELETE'))).toEqual([]);
	});

	it('does not wait for an answer that never comes once it is told to stop', async () => {
		const { turso, start } = await givenShop();
		const asked = new Promise<void>((tell) => {
			turso.onMade = () => {
				tell();
				return new Promise(() => {});
			};
		});
		const { child, ended } = start(['--branch', '--confirm', '--json']);
		await asked;
		child.kill('SIGINT');
		const { exit, json } = await ended;
		expect([exit, json().error.code]).toEqual([1, 'ABORTED']);
	});

	it('overwrites nothing', async () => {
		const { turso, codeOf } = await givenShop();
		await turso.add('taken', 'CREATE TABLE mine(a); INSERT INTO mine VALUES (1)');
		for (const words of [[], ['--confirm']])
			expect(await codeOf(['--branch', '--name', 'taken', ...words])).toEqual([3, 'DATABASE_EXISTS']);
		expect(await codeOf(['--branch', '--name', 'shop', '--confirm'])).toEqual([3, 'DATABASE_EXISTS']);
		// It came into being between the look and the making.
		turso.fail('GET /databases/:name', { status: 404, body: '{"error":"not found"}' });
		expect(await codeOf(['--branch', '--name', 'taken', '--confirm'])).toEqual([3, 'DATABASE_EXISTS']);
		expect(await turso.rows('taken', 'SELECT a FROM mine')).toEqual([[1]]);
		expect(turso.names()).toEqual(['shop', 'taken']);
	});

	it('does not wait for ever, and tells what it has made', async () => {
		const { turso, run } = await givenShop();
		turso.makeDead();
		const late = await run(['--branch', '--name', 'dead', '--confirm', '--wait', '2', '--json']);
		expect([late.exit, late.json().error.code]).toEqual([6, 'DATABASE_UNREACHABLE']);
		expect(late.json().error.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+ was made/);
		expect(turso.names()).toEqual(['shop', 'dead']);
	});

	it.each([
		['no kind', [], 'USAGE_INVALID', 2],
		['both kinds', ['--branch', '--at', '2026-11-20T14:00:00Z', '--name', 'x'], 'USAGE_INVALID', 2],
		['no name', ['--at', '2026-11-20T14:00:00Z'], 'USAGE_INVALID', 2],
		['a time without its zone', ['--at', '2026-11-20T14:00:00', '--name', 'x'], 'USAGE_INVALID', 2],
		['a day', ['--at', '2026-11-20', '--name', 'x'], 'USAGE_INVALID', 2],
		['no such day', ['--at', '2026-13-20T14:00:00Z', '--name', 'x'], 'USAGE_INVALID', 2],
		['the future', ['--at', '2999-01-01T00:00:00Z', '--name', 'x'], 'USAGE_INVALID', 2],
		['a name that is none', ['--branch', '--name', 'A B'], 'USAGE_INVALID', 2],
		['a time too long ago', ['--at', '2020-01-01T00:00:00Z', '--name', 'x', '--confirm'], 'DATABASE_FAILED', 6],
	])('refuses %s', async (_, words, code, exit) => {
		const { turso, codeOf } = await givenShop();
		expect(await codeOf(words)).toEqual([exit, code]);
		expect(turso.names()).toEqual(['shop']);
	});

	it('names what is not set, or wrong', async () => {
		const { codeOf } = await givenShop();
		expect(await codeOf(['--branch'], { TURSO_API_TOKEN: '' })).toEqual([2, 'CONFIG_INVALID']);
		expect(await codeOf(['--branch'], { TURSO_API_URL: 'http://example.com' })).toEqual([2, 'CONFIG_INVALID']);
		expect(await codeOf(['--branch'], { TURSO_API_TOKEN: 'wrong-token' })).toEqual([6, 'DATABASE_REFUSED']);
		expect(await codeOf(['--branch'], { TURSO_ORGANIZATION: 'others' })).toEqual([6, 'DATABASE_REFUSED']);
		expect(await codeOf(['--branch'], { TURSO_DATABASE_URL: 'http://127.0.0.1:9' })).toEqual([5, 'DATABASE_NOT_FOUND']);
		expect(await codeOf(['--branch'], { TURSO_DATABASE_URL: 'file:x.db' })).toEqual([2, 'USAGE_INVALID']);
	});
});
