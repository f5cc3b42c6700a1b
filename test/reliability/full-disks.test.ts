import { readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { Fixtures } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import { canMount, openSmallFolder, type SmallFolder } from '../support/small-folder';
import { casesOf, Tally } from '../support/tally';
import { BALLAST, type Content, type FaultCase, runCases, tryBackup } from './database-cases';
import { givenSource, type RestoreFolder, tryRestore } from './restore-cases';

const LIMIT_MS = casesOf(120_000, 900_000);
const PAGE = 4096;
const ALL = 32 * 1024 * 1024;

const fixtures = new Fixtures();
let sourceUrl: string;
let content: Content;
let folder: RestoreFolder;

beforeAll(async () => {
	({ url: sourceUrl, content, folder } = await givenSource(fixtures));
});
afterAll(() => fixtures.close());

/** Leaves so much room on a disk, or as much as there is. */
function leave(disk: SmallFolder, bytes: number): void {
	const path = join(disk.path, BALLAST);
	rmSync(path, { force: true });
	const { bavail, bsize } = statfsSync(disk.path);
	const taken = bavail * bsize - bytes;
	if (taken > 0) writeFileSync(path, Buffer.alloc(taken));
}

describeWithShared('a disk that is full', () => {
	it.runIf(canMount())(
		'that of a file: target',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'the disk of a file: target is full, or read-only',
				provoked: 'a file system with room for so much of the database and no more',
				promised: 'stopped, with nothing at its name; with room again, --resume ends exact',
			});
			const attempt = (
				name: string,
				harm: (disk: SmallFolder) => void,
				heal: (disk: SmallFolder) => void,
			): FaultCase => ({
				name,
				may: ['resumed'],
				run: async () => {
					const disk = openSmallFolder(ALL);
					const target = `file:${join(disk.path, 'restored.db')}`;
					harm(disk);
					const mend = async () => {
						heal(disk);
						return readdirSync(disk.path).includes('restored.db') ? ['there is something at its name'] : [];
					};
					const tried = await tryRestore(folder, { faulty: target, sound: target, content, mend });
					return { ...tried, close: async () => disk.close() };
				},
			});
			const count = casesOf(10, 100);
			const full = Array.from({ length: count }, (_, nth) => {
				const room = Math.floor((nth * 1_200_000) / count / PAGE) * PAGE;
				const heal = (disk: SmallFolder) => leave(disk, ALL);
				return attempt(`room for ${room} bytes`, (disk) => leave(disk, room), heal);
			});
			const toReadOnly = (isReadOnly: boolean) => (disk: SmallFolder) => disk.setReadOnly(isReadOnly);
			await runCases(tally, [...full, attempt('read-only', toReadOnly(true), toReadOnly(false))], sourceUrl);
		},
		LIMIT_MS,
	);

	it.runIf(canMount())(
		'that of the scratch database of the proof',
		async () => {
			const tally = new Tally({
				area: 'Database',
				fault: 'the scratch disk is full, or read-only',
				provoked: 'a file system without room, before the proof and during it',
				promised: 'a correct backup, read back instead of restored, and a note of why',
			});
			const attempt = (
				name: string,
				proof: 'restored' | 'read',
				whenProving: (disk: SmallFolder) => void,
				more: Record<string, string> = {},
			): FaultCase => ({
				name,
				may: ['exact'],
				run: async () => {
					const disk = openSmallFolder(ALL);
					const onEvent = ({ part }: { part?: unknown }) => {
						if (part === 'proving') whenProving(disk);
					};
					const env = { BACKUP_SCRATCH_DIR: disk.path, ...more };
					const tried = await tryBackup(sourceUrl, [content], { env, proof, onEvent });
					const close = async () => {
						await tried.close();
						disk.close();
					};
					return { ...tried, close };
				},
			});
			const fillOnceBegun = (disk: SmallFolder): void => {
				const hasBegun = readdirSync(disk.path).some((name) => name.startsWith('lifeboat-'));
				if (hasBegun) leave(disk, 0);
				else setImmediate(() => fillOnceBegun(disk));
			};
			const cases = [
				attempt('no room', 'read', (disk) => leave(disk, 0)),
				attempt('too little room', 'read', (disk) => leave(disk, 100 * PAGE)),
				// While a file is open for writing, no disk can be made read-only.
				attempt('read-only', 'read', (disk) => disk.setReadOnly(true), { BACKUP_MEDIA: 'none' }),
				attempt('no room once it has begun', 'read', fillOnceBegun),
				attempt('enough room', 'restored', () => {}),
			];
			await runCases(tally, cases, sourceUrl);
		},
		LIMIT_MS,
	);
});
