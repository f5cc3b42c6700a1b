import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openScratchFolder } from '../../lib/jobs/scratch';

const HOUR_MS = 3_600_000;

it('sweeps what a killed run left a day ago, and nothing else', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-jobs-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const given = async (name: string, folderAgeMs: number, fileAgeMs: number) => {
		await mkdir(join(folder, name));
		await writeFile(join(folder, name, 'scratch.db'), 'rows');
		for (const [path, ageMs] of [
			[join(folder, name, 'scratch.db'), fileAgeMs],
			[join(folder, name), folderAgeMs],
		] as const)
			await utimes(path, new Date(Date.now() - ageMs), new Date(Date.now() - ageMs));
	};
	await given('lifeboat-scratch-left', 25 * HOUR_MS, 25 * HOUR_MS);
	await given('lifeboat-scratch-in-use', 25 * HOUR_MS, HOUR_MS);
	await given('lifeboat-scratch-young', 23 * HOUR_MS, 23 * HOUR_MS);
	await given('someone-elses', 25 * HOUR_MS, 25 * HOUR_MS);
	const scratch = await openScratchFolder(folder, 0);
	await scratch.close();
	expect((await readdir(folder)).sort()).toEqual([
		'lifeboat-scratch-in-use',
		'lifeboat-scratch-young',
		'someone-elses',
	]);
});
