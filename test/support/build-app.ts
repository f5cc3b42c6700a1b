import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';

const ROOT = join(import.meta.dirname, '../..');
const BUILD_ID = join(ROOT, '.next/BUILD_ID');
/** The tests that start the built app. */
const NEEDS_APP = /^test\/(e2e|demo|pages)\/|^test\/reliability\/route-/;
/** What goes into the build. */
const SOURCE_FOLDERS = ['app', 'lib'];
const SOURCE_FILES = ['instrumentation.ts', 'next.config.ts', 'package-lock.json', 'proxy.ts', 'tsconfig.json'];

/** Builds the Next app once before the suite, if a test of it needs that. */
export default async function setup(project: TestProject): Promise<void> {
	// Internal to vitest, and only a shortcut: without it the app is built for every run.
	const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
	const { testFiles } = await project.globTestFiles(filenamePattern);
	if (testFiles.some((path) => NEEDS_APP.test(relative(ROOT, path)))) await buildApp();
}

/** Builds the Next app, if it is missing or older than its sources. */
export async function buildApp(): Promise<void> {
	if (isFresh()) return;
	const child = spawn(process.execPath, [join(ROOT, 'node_modules/next/dist/bin/next'), 'build'], {
		cwd: ROOT,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { PATH: process.env.PATH, HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
	});
	const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
	const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
	if (code !== 0) throw new Error(`the app does not build (exit ${code}):\n${stdout}${stderr}`);
}

function isFresh(): boolean {
	if (!existsSync(BUILD_ID)) return false;
	const builtMs = statSync(BUILD_ID).mtimeMs;
	// A folder's own time tells of files that were taken away.
	const within = SOURCE_FOLDERS.flatMap((folder) => [
		folder,
		...readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
	]);
	return [...within, ...SOURCE_FILES].every((path) => statSync(join(ROOT, path)).mtimeMs < builtMs);
}
