import { type BackupOptions, backup } from './backups';
import type { Contestant } from './contestant';
import type { Slowness } from './network';
import { dumpOfFile, dumpOfServer, keysetPages, peerBackup, peerInsert, peerReplay, plainWay } from './peers';
import { drill, type RestoreOptions, restore } from './restores';
import { coldStart, command } from './starts';
import { ROOT, script } from './tsx';

/** Bytes a second of 200 Mbit/s. */
export const LINE_BYTES_PER_SECOND = 25_000_000;
const FAR: Slowness = { rttMs: 30, bytesPerSecond: 0 };
const HOME: Slowness = { rttMs: 5, bytesPerSecond: LINE_BYTES_PER_SECOND };

/** Fractions and multiples of the big data at which times are held against sizes. */
export const SIZES = ['0.25', '0.5', '1', '4'] as const;

const big = (from: 'file' | 'sqld', more: Partial<BackupOptions> = {}) => ({ data: 'big-1' as const, from, ...more });
const into = (where: 'file' | 'sqld', more: Partial<RestoreOptions> = {}) => ({
	data: 'big-1' as const,
	into: where,
	...more,
});

/** The data at another size than 1. */
const sized = SIZES.filter((size) => size !== '1').flatMap((size) => {
	const data = `big-${size}` as const;
	const atMost = size === '4' ? 1 : 3;
	return [
		backup(`backup-file-${size}`, `backup of a file, ${size} × the data`, { data, from: 'file', atMost }),
		backup(`backup-sqld-${size}`, `backup of sqld, ${size} × the data`, { data, from: 'sqld', atMost }),
		restore(`restore-file-${size}`, `restore into a file, ${size} × the data`, { data, into: 'file', atMost }),
		restore(`restore-sqld-${size}`, `restore into sqld, ${size} × the data`, { data, into: 'sqld', atMost }),
	];
});

/** All there are, in the order of a round: those that are held against one another are run close together. */
export const CONTESTANTS: readonly Contestant[] = [
	backup('backup-file', 'backup of a file', big('file')),
	peerBackup('dump-6', 'sqlite3 .dump | gzip -6', dumpOfFile(6)),
	peerBackup('dump-1', 'sqlite3 .dump | gzip -1', dumpOfFile(1)),
	{ ...peerBackup('plain-way', 'SELECT *, JSON.stringify, gzip', plainWay), atMost: 1 },
	backup('proof-file', 'backup of a file, whole proof', big('file', { proof: 'restore' })),
	backup('sealed-file', 'backup of a file, sealed', big('file', { isSealed: true, atMost: 3 })),
	backup(
		'sealed-proof',
		'backup of a file, sealed, whole proof',
		big('file', { isSealed: true, proof: 'restore', atMost: 3 }),
	),
	backup('backup-sqld', 'backup of sqld', big('sqld')),
	peerBackup('dump-sqld', 'curl /dump | gzip -1', dumpOfServer),
	peerBackup('keyset-pages', 'keyset pages through the client', keysetPages),
	backup('backup-sqld-far', 'backup of sqld, 30 ms', big('sqld', { through: FAR })),
	backup('backup-sqld-home', 'backup of sqld, 5 ms and 200 Mbit/s', big('sqld', { through: HOME })),
	backup('proof-sqld', 'backup of sqld, whole proof', big('sqld', { proof: 'restore' })),
	restore('restore-file', 'restore into a file', into('file', { isCompared: true })),
	restore('sealed-restore', 'restore into a file, sealed', into('file', { isSealed: true, atMost: 3 })),
	drill('drill', 'verify-backup.ts --drill', { isSealed: false }),
	drill('sealed-drill', 'verify-backup.ts --drill, sealed', { isSealed: true }),
	peerReplay('replay', 'gunzip | sqlite3'),
	restore('restore-sqld', 'restore into sqld', into('sqld', { isCompared: true })),
	peerInsert('batches', '500-row VALUES', { rowsAStatement: 500, every: 1 }),
	restore('restore-sqld-far', 'restore into sqld, 30 ms', into('sqld', { through: FAR })),
	{
		...peerInsert('batches-far', '500-row VALUES, 30 ms', { rowsAStatement: 500, every: 10, through: FAR }),
		atMost: 3,
	},
	{ ...peerInsert('row-by-row', 'row by row', { rowsAStatement: 1, every: 10 }), atMost: 1 },
	...sized,
	backup('backup-blobs-file', 'backup of 1 MB blobs, file', { data: 'blobs', from: 'file', atMost: 3 }),
	backup('backup-blobs-sqld', 'backup of 1 MB blobs, sqld', { data: 'blobs', from: 'sqld', atMost: 3 }),
	backup('backup-small', 'backup of 500 tables, 30 ms', { data: 'small', from: 'sqld', through: FAR }),
	restore('restore-small', 'restore of 500 tables, 30 ms', {
		data: 'small',
		into: 'sqld',
		through: FAR,
		isCompared: true,
	}),
	command('help', 'backup-turso.ts --help', { shell: `${script('backup-turso')} --help` }),
	command('help-npx', 'the same by npx tsx', { shell: 'npx tsx scripts/backup-turso.ts --help', cwd: ROOT }),
	command('dry-run', 'a dry run on five tables', { shell: script('backup-turso') }),
	command('dry-run-npx', 'the same by npx tsx', { shell: 'npx tsx scripts/backup-turso.ts', cwd: ROOT }),
	coldStart('cold-start', 'cold start of the route'),
];

/** The contestant of that id. Throws when there is none. */
export function contestant(id: string): Contestant {
	const found = CONTESTANTS.find((one) => one.id === id);
	if (found === undefined) throw new Error(`no contestant is called ${id}`);
	return found;
}
