import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Every test starts processes.
vi.setConfig({ testTimeout: 30_000 });

const SECRET = 'cron-secret-0123456789';
const FIXTURE = fileURLToPath(new URL('./fixture-command.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lifeboat-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(...words: string[]): ChildProcess {
	return spawn(process.execPath, ['--import', TSX, FIXTURE, ...words], {
		cwd: folder,
		env: { PATH: process.env.PATH, CRON_SECRET: SECRET } as unknown as NodeJS.ProcessEnv,
	});
}

async function ended(child: ChildProcess) {
	let stdout = '';
	let stderr = '';
	child.stdout?.on('data', (chunk) => {
		stdout += chunk;
	});
	child.stderr?.on('data', (chunk) => {
		stderr += chunk;
	});
	const exit = await new Promise<number | null>((resolve) => child.on('close', resolve));
	expect(stdout + stderr).not.toContain(SECRET);
	return { exit, stdout, stderr };
}

const run = (...words: string[]) => ended(start(...words));

describe('the command line', () => {
	it('is parsed strictly, and typed', async () => {
		const { exit, stdout, stderr } = await run(
			...['act', '--json', '--confirm', '--to', 'file:x', '--tables', 'a, b', '--tables=c', '--max-rows', '0'],
		);
		expect([exit, stderr]).toEqual([0, '']);
		expect(JSON.parse(stdout)).toEqual({
			words: { deed: 'act' },
			options: { confirm: true, to: 'file:x', tables: ['a', 'b', 'c'], maxRows: 0 },
			big: '12345678901234567890',
			small: 7,
		});
	});

	it('is refused with exit 2, and nothing on stdout', async () => {
		const { exit, stdout, stderr } = await run('act', '--nonsense');
		expect([exit, stdout, stderr]).toEqual([2, '', 'error: unknown option --nonsense\nhint: see --help\n']);
	});

	it('is refused as JSON when that is asked for', async () => {
		const { exit, stdout, stderr } = await run('act', '--nonsense', '--json');
		expect([exit, stderr]).toEqual([2, '']);
		expect(JSON.parse(stdout)).toEqual({
			error: { code: 'USAGE_INVALID', message: 'unknown option --nonsense', hint: 'see --help', data: {} },
		});
	});

	it('--help goes to stdout', async () => {
		const { exit, stdout, stderr } = await run('--help');
		expect([exit, stderr]).toEqual([0, '']);
		for (const word of ['<deed>', '[extra]', '--to <URL>', '--max-rows <N>', '--json', 'restore|read|none']) {
			expect(stdout).toContain(word);
		}
	});
});

describe('the end of a command', () => {
	it('is said in full, and without progress where there is no terminal', async () => {
		expect(await run('act')).toEqual({ exit: 0, stdout: 'did act\n', stderr: '' });
	});

	it('by an error of ours: what happened, then what to do', async () => {
		expect(await run('refuse')).toEqual({
			exit: 3,
			stdout: '',
			stderr: 'error: the target holds 3 rows\nhint: empty it\n',
		});
		const { exit, stdout, stderr } = await run('refuse', '--json');
		expect([exit, stderr]).toEqual([3, '']);
		expect(JSON.parse(stdout)).toEqual({
			error: { code: 'TARGET_NOT_EMPTY', message: 'the target holds 3 rows', hint: 'empty it', data: { rows: 3 } },
		});
	});

	it('by a defect: exit 1, with a stack, without secrets', async () => {
		const { exit, stdout, stderr } = await run('defect');
		expect([exit, stdout]).toEqual([1, '']);
		expect(stderr).toMatch(/^error: unexpected failure: no such thing as \[redacted\]\n.*\n\s+at /s);
	});

	it('by a verdict shows the result and fails', async () => {
		expect(await run('verdict')).toEqual({ exit: 3, stdout: 'the plan\n', stderr: 'error: the target holds 3 rows\n' });
		const { exit, stdout } = await run('verdict', '--json');
		expect([exit, JSON.parse(stdout)]).toMatchObject([3, { guards: ['empty'], error: { code: 'TARGET_NOT_EMPTY' } }]);
	});

	it('never shows a secret of the environment', async () => {
		expect(await run('leak')).toEqual({ exit: 0, stdout: 'it is [redacted]\n', stderr: 'working\n' });
		expect(JSON.parse((await run('leak', '--json')).stdout)).toEqual({ secret: '[redacted]' });
	});

	it('is not brought about by a promise that nobody waited for', async () => {
		const { exit, stdout } = await run('background', '--json');
		expect([exit, JSON.parse(stdout)]).toEqual([0, { failures: 1 }]);
	});

	it('waits until all output is out', async () => {
		const { exit, stdout } = await run('much');
		expect([exit, stdout.length]).toEqual([0, 3_900_000]);
	});

	it('is no failure when the reader has seen enough', async () => {
		const child = start('much');
		child.stdout?.once('data', () => child.stdout?.destroy());
		const { exit, stderr } = await ended(child);
		expect([exit, stderr]).toEqual([0, '']);
	});

	it.each(['SIGINT', 'SIGTERM'] as const)('by %s comes after the clean-up', async (signal) => {
		const child = start('wait');
		child.stderr?.once('data', () => child.kill(signal));
		const { exit, stderr } = await ended(child);
		expect(exit).toBe(1);
		expect(stderr).toMatch(/^waiting\ncleaned up\nerror: stopped by SIG\w+ before the work was done\nhint: /);
	});

	it('by a second signal comes at once', async () => {
		const child = start('deaf');
		child.stderr?.once('data', () => {
			child.kill('SIGINT');
			setTimeout(() => child.kill('SIGINT'), 200);
		});
		expect((await ended(child)).exit).toBe(1);
	});
});

describe('the environment', () => {
	it('is read from .env.local before .env, and neither wins over what is set', async () => {
		writeFileSync(join(folder, '.env.local'), 'TURSO_DATABASE_URL=http://one.example\nCRON_SECRET=short\n');
		writeFileSync(join(folder, '.env'), 'TURSO_DATABASE_URL=http://two.example\nTURSO_AUTH_TOKEN=token-in-a-file\n');
		const { exit, stdout, stderr } = await run('config', '--json');
		expect([exit, stderr]).toEqual([0, '']);
		expect(JSON.parse(stdout)).toMatchObject({
			name: 'one.example',
			database: { url: 'http://one.example', authToken: '[redacted]' },
		});
		expect((await run('cron')).exit).toBe(0);
	});

	it('that is wrong is exit 2, by name', async () => {
		writeFileSync(join(folder, '.env'), 'BACKUP_PROOF=hunter2\nTURSO_DATABASE_URL=hunter2\n');
		const { exit, stderr } = await run('config');
		expect(exit).toBe(2);
		expect(stderr).toMatch(/^error: .*BACKUP_PROOF.*TURSO_DATABASE_URL.*\nhint: .*\n$/);
		expect(stderr).not.toContain('hunter2');
	});
});
