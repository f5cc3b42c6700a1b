import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canMount, openSmallFolder } from '../support/small-folder';
import { casesOf, Tally } from '../support/tally';
import { tryLocalCase } from './local-case';
import { LocalScene, MomentContext } from './local-scene';

const PAGE = 4096;
const PROMISED = 'a named failure with the path, nothing half left, earlier backups untouched; the next run works';

let scene: LocalScene;
/** Moments of a run at which it looks at the clock: from the first to the last, and each of them in the soak. */
let moments: number[];
let every: number[];
beforeAll(async () => {
	scene = await LocalScene.start();
	every = Array.from({ length: await scene.countMoments() }, (_, nth) => nth + 1);
	moments = every.filter((at) => at % casesOf(2, 1) === 0);
});
afterAll(() => scene.fixtures.close());

describe.skipIf(!canMount())('a disk', () => {
	it('has too little room, by the page', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: 'the disk is full: lease, data or manifest do not fit',
			provoked: 'a file system of each size, page by page',
			promised: PROMISED,
		});
		const unsound: string[] = [];
		for (let more = 0; more <= scene.pages + 4; more++) {
			const small = openSmallFolder((scene.pages + more) * PAGE);
			const folder = join(small.path, 'backups');
			await scene.prepare(folder);
			const mend = () => small.resize(100 * PAGE);
			const tried = { title: `${more} pages are free`, folder, mend, context: scene.newContext() };
			await tryLocalCase(scene, tried, tally, unsound);
			small.close();
		}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});

	it('has too few inodes', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: 'the disk has no inode left',
			provoked: 'a file system for each number of files',
			promised: PROMISED,
		});
		const unsound: string[] = [];
		for (let files = 5; files <= 12; files++) {
			const small = openSmallFolder(100 * PAGE, files);
			const folder = join(small.path, 'backups');
			await scene.prepare(folder);
			const mend = () => small.resize(100 * PAGE);
			await tryLocalCase(scene, { title: `${files} files`, folder, mend, context: scene.newContext() }, tally, unsound);
			small.close();
		}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});

	it('fills up at any moment of a run', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: 'the disk fills up in the midst of a run',
			provoked: 'all of it is taken at each moment',
			promised: PROMISED,
		});
		const unsound: string[] = [];
		for (const at of moments) {
			const small = openSmallFolder(100 * PAGE);
			const folder = join(small.path, 'backups');
			await scene.prepare(folder);
			const filler = join(small.path, 'filler');
			const context = new MomentContext(at, () => fill(filler));
			const mend = () => rmSync(filler, { force: true });
			await tryLocalCase(scene, { title: `at moment ${at}`, folder, mend, context }, tally, unsound);
			small.close();
		}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});

	it('becomes read-only at any moment of a run', async () => {
		const tally = new Tally({
			area: 'Store',
			fault: 'the folder is read-only, or becomes so',
			provoked: 'mounted anew at each moment',
			promised: PROMISED.replace('nothing half left', 'nothing taken for a backup'),
		});
		const unsound: string[] = [];
		for (const at of moments) {
			const small = openSmallFolder(100 * PAGE);
			const folder = join(small.path, 'backups');
			await scene.prepare(folder);
			const context = new MomentContext(at, () => small.setReadOnly(true));
			const mend = () => small.setReadOnly(false);
			const tried = { title: `at moment ${at}`, folder, mend, context, mayLitter: true };
			await tryLocalCase(scene, tried, tally, unsound);
			small.close();
		}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});
});

describe('a folder', () => {
	const faults: Readonly<Record<string, (folder: string) => void>> = {
		vanishes: () => {},
		'is replaced by a file': (folder) => writeFileSync(folder, ''),
		'is replaced by a circle of links': (folder) => symlinkSync(folder, folder),
	};

	it.each(Object.entries(faults))('%s at any moment of a run', async (what, put) => {
		const tally = new Tally({
			area: 'Store',
			fault: `the folder ${what}`,
			provoked: 'at each moment of a run, the folder of all backups and that of the database',
			promised: 'a named failure with the path, or a whole backup; the next run works',
		});
		const unsound: string[] = [];
		for (const at of what === 'vanishes' ? every : moments)
			for (const inner of ['', 'shop']) {
				const folder = join(await scene.fixtures.folder(), 'backups');
				await scene.prepare(folder);
				const struck = join(folder, inner);
				const context = new MomentContext(at, () => {
					rmSync(struck, { recursive: true });
					put(struck);
				});
				const mend = () => {
					if (what !== 'vanishes') rmSync(struck, { recursive: true, force: true });
					mkdirSync(folder, { recursive: true });
				};
				const tried = { title: `${what} at moment ${at}: ${inner}`, folder, mend, context, loses: true };
				await tryLocalCase(scene, tried, tally, unsound);
			}
		expect(unsound).toEqual([]);
		tally.expectSound();
	});
});

/** Takes all the room there is. */
function fill(path: string): void {
	for (let bytes = 100 * PAGE; bytes >= 1; bytes = Math.floor(bytes / 2))
		try {
			for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
		} catch {
			// That much was too much; half of it may do.
		}
}
