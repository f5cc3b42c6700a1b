import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Child, Children, NodeCommand } from './children';
import { within } from './within';

/** The words after `node` that are `next`. */
export const NEXT = createRequire(import.meta.url).resolve('next/dist/bin/next');

const SOURCE_FOLDERS = ['app', 'lib'];
const SOURCE_FILES = ['next.config.ts', 'package-lock.json', 'tsconfig.json'];
const START_LIMIT_MS = 30_000;
const POLL_MS = 100;

/** Claims that the app in `root` has been built, and that no source has changed since. */
export function isBuilt(root: string): boolean {
	const buildId = join(root, '.next/BUILD_ID');
	if (!existsSync(buildId)) return false;
	const builtMs = statSync(buildId).mtimeMs;
	// A folder's own time tells of files that were taken away.
	const within = SOURCE_FOLDERS.flatMap((folder) => [
		folder,
		...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
	]);
	const paths = [...within, ...SOURCE_FILES].map((path) => join(root, path));
	return paths.every((path) => !existsSync(path) || statSync(path).mtimeMs < builtMs);
}

/** A port of this machine that nobody listened on a moment ago. */
export async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject).listen(0, '127.0.0.1', resolve);
	});
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Starts a server and waits until it answers at `url`, whatever the answer. It is ended if it does not. */
export async function startServer(
	children: Children,
	command: NodeCommand,
	url: string,
	signal: AbortSignal,
): Promise<Child> {
	const server = children.start(command);
	let isOver = false;
	const answers = async () => {
		while (!isOver) {
			const response = await fetch(url, { signal: AbortSignal.timeout(START_LIMIT_MS) }).catch(() => null);
			await response?.body?.cancel();
			if (response) return;
			await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		}
	};
	const died = server.ended.then(({ code }) => {
		throw new Error(`the server ended with exit code ${code}:\n${server.output()}`);
	});
	try {
		await within(Promise.race([answers(), died]), START_LIMIT_MS, 'the start of the server', signal);
		return server;
	} catch (error) {
		await server.end();
		throw error;
	} finally {
		isOver = true;
	}
}
