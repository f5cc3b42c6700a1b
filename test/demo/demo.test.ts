import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECRET_SHAPE = /lifeboat-demo-[0-9a-f]{16,}/;
/** A developer's own, none of which the demo may look at. */
const OWN = {
	TURSO_DATABASE_URL: 'libsql://must-not-be-asked.invalid',
	TURSO_AUTH_TOKEN: 'own-database-token',
	BLOB_READ_WRITE_TOKEN: 'own-blob-token',
	CRON_SECRET: 'own-cron-secret-0123456789',
	BACKUP_PROOF: 'none',
	VERCEL: '1',
	VERCEL_ENV: 'production',
};
/** A build among them, if the sources have changed since the suite began. */
const LIMIT_MS = 240_000;

let temporary: string;
let demo: ChildProcess | undefined;

beforeEach(() => {
	temporary = mkdtempSync(join(realpathSync(tmpdir()), 'demo-test-'));
});

afterEach(() => {
	demo?.kill('SIGKILL');
	rmSync(temporary, { recursive: true, force: true });
});

/** Starts the demo; its temporary folder is in `temporary`. */
function startDemo(...words: string[]) {
	const { PATH, HOME } = process.env;
	demo = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', ...words], {
		cwd: ROOT,
		env: { ...OWN, PATH, HOME, TMPDIR: temporary, NODE_ENV: 'test' },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const told = { stdout: '', stderr: '' };
	demo.stdout?.setEncoding('utf8').on('data', (text) => {
		told.stdout += text;
	});
	demo.stderr?.setEncoding('utf8').on('data', (text) => {
		told.stderr += text;
	});
	return { child: demo, told, ended: once(demo, 'close').then(([code]) => code as number | null) };
}

/** What the demo has left in its temporary folder, and the processes that work there still. */
function leftovers(): string[] {
	// The cache of tsx, which is not the demo's.
	const files = readdirSync(temporary).filter((name) => !/^tsx-\d+$/.test(name));
	if (process.platform !== 'linux') return files;
	const processes = readdirSync('/proc').filter((name) => {
		if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
		try {
			return readFileSync(`/proc/${name}/environ`, 'utf8').includes(temporary);
		} catch {
			// It has ended meanwhile, or is another person's.
			return false;
		}
	});
	return [...files, ...processes.map((name) => `process ${name}`)];
}

async function isListening(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	const listens = await once(socket, 'connect').then(
		() => true,
		() => false,
	);
	socket.destroy();
	return listens;
}

describe('the demo', () => {
	it('shows every step, and leaves nothing behind', { timeout: LIMIT_MS }, async () => {
		const { told, ended } = startDemo();
		const code = await ended;
		expect(told.stderr).toBe('');
		expect(code).toBe(0);
		const { stdout } = told;
		expect(stdout.match(/^\d+\. .*/gm)).toHaveLength(12);
		for (const command of [
			/^ {3}\$ export TURSO_DATABASE_URL=file:\S+\/shop\.db$/m,
			/^ {3}\$ npx next start -H 127\.0\.0\.1 -p \d+ &$/m,
			/-H "Authorization: Bearer \$CRON_SECRET" 'http:\/\/127\.0\.0\.1:\d+\/api\/cron\/backup\?dryRun=1'$/m,
			/^ {3}\$ npx tsx scripts\/list-backups\.ts$/m,
			/^ {3}\$ npx tsx scripts\/verify-backup\.ts latest --drill$/m,
			/^ {3}\$ npx tsx scripts\/restore-turso\.ts backup-\S+ --to file:\S+\/restored\.db$/m,
			/^ {3}\$ npx tsx scripts\/restore-turso\.ts backup-\S+ --to file:\S+\/restored\.db --confirm$/m,
		]) {
			expect(stdout).toMatch(command);
		}
		expect(stdout.match(/HTTP \d+/g)).toEqual(['HTTP 200', 'HTTP 200', 'HTTP 200', 'HTTP 401']);
		for (const told of ['"dry-run"', '"done"', '"skipped"', '"UNAUTHORIZED"', 'a dry run: nothing was written']) {
			expect(stdout).toContain(told);
		}
		expect(stdout).toMatch(/ok: they are equal\n\nAll 12 steps went as expected, in [\d.]+ s\./);
		expect(stdout).not.toMatch(SECRET_SHAPE);
		for (const own of Object.values(OWN).filter((value) => value.length > 10)) expect(stdout).not.toContain(own);
		expect(leftovers()).toEqual([]);
		expect(await isListening(Number(/-p (\d+)/.exec(stdout)?.[1]))).toBe(false);
	});

	it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
		'cleans up when %s ends it early',
		{ timeout: LIMIT_MS },
		async (signal) => {
			const { child, told, ended } = startDemo();
			const isAtWork = new Promise<void>((resolve) => {
				child.stdout?.on('data', () => /^4\. /m.test(told.stdout) && resolve());
			});
			await Promise.race([isAtWork, ended]);
			expect(leftovers()).not.toEqual([]);
			child.kill(signal);
			expect(await ended).toBe(1);
			expect(told.stdout).not.toContain('as expected');
			expect(told.stdout + told.stderr).not.toMatch(SECRET_SHAPE);
			await expect.poll(leftovers, { timeout: 10_000 }).toEqual([]);
		},
	);

	it('takes no words, and does nothing then', async () => {
		const { told, ended } = startDemo('--confirm');
		expect(await ended).toBe(2);
		expect(told.stdout).toBe('');
		expect(told.stderr).toContain('npm run demo');
		expect(leftovers()).toEqual([]);
	});
});
