import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder of its own, until the test ends. */
export async function givenFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-given-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}
