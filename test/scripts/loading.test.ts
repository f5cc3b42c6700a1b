import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runScript, type ScriptRun } from '../support/cli';
import { startSqld } from '../support/sqld';
import { Workspace } from './workspace';

const ROOT = join(import.meta.dirname, '../..');
const PRELOAD = `--import=${new URL('../support/list-loaded.mjs', import.meta.url).href}`;
/** What runs TypeScript. */
const RUNNER = ['esbuild', 'tsx'];
const workspace = Workspace.forFile();

describe('a --help loads no package, and nothing that only work needs', async () => {
	const scripts = await readdir(join(ROOT, 'scripts'));
	const names = scripts.filter((name) => name.endsWith('.ts') && name !== 'demo.ts').map((name) => name.slice(0, -3));
	test.each(names)('%s', async (name) => {
		const { run, packages, ours } = await loadedBy(name, ['--help']);
		expect(run.exit).toBe(0);
		expect(packages).toEqual([]);
		expect(ours.filter((path) => !/^(scripts|lib\/cli|lib\/core\/(errors|printable))\b/.test(path))).toEqual([]);
	});
});

test('a command line that is wrong loads neither a driver nor a store', async () => {
	const { run, packages } = await loadedBy('backup-turso', ['--upload']);
	expect(run.exit).toBe(2);
	expect(packages.filter((name) => /^(@libsql\/|libsql$|@vercel\/)/.test(name))).toEqual([]);
});

test('a list without copies loads no client of S3', async () => {
	const { run, packages } = await loadedBy('list-backups', ['--local'], { BACKUP_NAME: 'shop' });
	expect(run.exit).toBe(0);
	expect(packages.filter((name) => /^@(aws-sdk|smithy)\//.test(name))).toEqual([]);
});

test('a dry run loads the driver of its database, and nothing of what makes backups', async () => {
	const sqld = await startSqld();
	onTestFinished(() => sqld.close());
	const ofFile = await loadedBy('backup-turso', []);
	const ofServer = await loadedBy('backup-turso', [], { TURSO_DATABASE_URL: sqld.url, TURSO_AUTH_TOKEN: '' });
	for (const { run, packages, ours } of [ofFile, ofServer]) {
		expect(run.exit).toBe(0);
		expect(packages).not.toContain('@vercel/blob');
		expect(ours.filter((path) => /^lib\/(store|http|notify)\/|^lib\/format\/(decoder|seal)/.test(path))).toEqual([]);
	}
	expect(ofFile.packages).toContain('libsql');
	expect(ofServer.packages).not.toContain('libsql');
});

interface Loaded {
	readonly run: ScriptRun;
	/** Packages without those that run TypeScript, in order. */
	readonly packages: readonly string[];
	/** Paths in the project. */
	readonly ours: readonly string[];
}

async function loadedBy(name: string, words: readonly string[], env: Record<string, string> = {}): Promise<Loaded> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-loaded-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const list = join(folder, 'list');
	const run = await runScript(name, words, {
		cwd: workspace.folder,
		env: { ...env, NODE_OPTIONS: PRELOAD, LIFEBOAT_TEST_LOADED: list },
	});
	const urls = (await readFile(list, 'utf8')).split('\n');
	const packageOf = (url: string) => /.*\/node_modules\/((@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
	const packages = new Set(urls.flatMap((url) => packageOf(url) ?? []));
	const root = new URL(`${ROOT}/`, 'file:').href;
	return {
		run,
		packages: [...packages].filter((name) => !RUNNER.includes(name)).sort(),
		ours: urls.filter((url) => url.startsWith(root) && !packageOf(url)).map((url) => url.slice(root.length)),
	};
}
