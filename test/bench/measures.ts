/** What is held against what, and the bar. */
export interface Measure {
	readonly id: string;
	readonly title: string;
	/** The contestant that is judged. */
	readonly ours: string;
	/**
	 * What its figure is:
	 * - `ratio`: its median time as a share of the peer's; at most the bar
	 * - `faster`: the peer's median time as a multiple of its own; at least the bar
	 * - `wire`: its time as a share of what the bytes that passed need on the line alone; at most the bar
	 * - `seconds`: its median time; at most the bar
	 * - `peak`: its highest resident memory in MB; at most the bar
	 * - `growth`: that as a share of the peer's; at most the bar
	 */
	readonly figure: 'ratio' | 'faster' | 'wire' | 'seconds' | 'peak' | 'growth';
	readonly peer?: string;
	/** Null: told, not judged. */
	readonly bar: number | null;
	/** Why it says nothing at a tenth of the size: there it is not judged, or, without a bar, not measured either. */
	readonly notInQuick?: string;
}

const START = 'at this size the start of the process is half of the time or more';

/** The table of issue 5, and what is told beside it. */
export const MEASURES: readonly Measure[] = [
	ratio('file-6', 'backup, file: vs .dump, gzip -6', 'backup-file', 'dump-6', 0.45, START),
	ratio('file-1', 'backup, file: vs .dump, gzip -1', 'backup-file', 'dump-1', 0.9, START),
	ratio('file-plain', 'backup, file: vs the plain way', 'backup-file', 'plain-way', null),
	ratio('sqld-dump', 'backup, sqld vs /dump, gzip -1', 'backup-sqld', 'dump-sqld', 1, START),
	faster('sqld-keyset', 'backup, sqld vs keyset pages', 'backup-sqld', 'keyset-pages', 8),
	ratio('sqld-far', 'backup, 30 ms vs without', 'backup-sqld-far', 'backup-sqld', 1.25),
	{
		id: 'sqld-home',
		title: 'backup, 5 ms and 200 Mbit/s vs its bytes alone',
		ours: 'backup-sqld-home',
		figure: 'wire',
		bar: 1.25,
		notInQuick: START,
	},
	ratio('proof-file', 'whole proof, file: vs backup alone', 'proof-file', 'backup-file', 2.5),
	ratio('proof-sqld', 'whole proof, sqld vs backup alone', 'proof-sqld', 'backup-sqld', 2.5),
	ratio('restore-file', 'restore, file: vs gunzip, sqlite3', 'restore-file', 'replay', 0.8, START),
	faster('restore-sqld', 'restore, sqld vs 500-row VALUES', 'restore-sqld', 'batches', 2),
	faster('restore-sqld-far', 'restore, sqld, 30 ms vs 500-row VALUES', 'restore-sqld-far', 'batches-far', 5),
	{
		...faster('restore-rows', 'restore, sqld vs row by row', 'restore-sqld', 'row-by-row', null),
		notInQuick: 'it takes as long as all others',
	},
	// No less than 60 % of the speed without it.
	ratio('sealed-file', 'sealed backup vs unsealed, file:', 'sealed-file', 'backup-file', 1 / 0.6),
	ratio('sealed-proof', 'sealed, whole proof, vs unsealed', 'sealed-proof', 'proof-file', 1 / 0.6),
	ratio('sealed-restore', 'sealed restore vs unsealed, file:', 'sealed-restore', 'restore-file', 1 / 0.6),
	ratio('sealed-drill', 'sealed drill vs unsealed', 'sealed-drill', 'drill', 1 / 0.6),
	...(['backup-file', 'backup-sqld', 'restore-file', 'restore-sqld'] as const).flatMap(memory),
	peak('memory-proof-file', 'memory: backup of a file, whole proof', 'proof-file'),
	peak('memory-proof-sqld', 'memory: backup of sqld, whole proof', 'proof-sqld'),
	peak('memory-sealed-file', 'memory: sealed backup, whole proof', 'sealed-proof'),
	peak('memory-sealed-restore', 'memory: sealed restore', 'sealed-restore'),
	peak('memory-sealed-drill', 'memory: sealed drill', 'sealed-drill'),
	peak('memory-blobs-file', 'memory: backup of 1 MB blobs, file:', 'backup-blobs-file'),
	peak('memory-blobs-sqld', 'memory: backup of 1 MB blobs, sqld', 'backup-blobs-sqld'),
	seconds('small-backup', '500 tables over 30 ms: backup', 'backup-small', 3),
	seconds('small-restore', '500 tables over 30 ms: restore', 'restore-small', 6),
	seconds('help', '--help', 'help', 0.5),
	seconds('help-npx', '--help by npx tsx', 'help-npx', null),
	seconds('dry-run', 'dry run on a small database', 'dry-run', 1),
	seconds('dry-run-npx', 'dry run by npx tsx', 'dry-run-npx', null),
	seconds('cold-start', 'cold start to the first database request', 'cold-start', 0.4),
];

function ratio(
	id: string,
	title: string,
	ours: string,
	peer: string,
	bar: number | null,
	notInQuick?: string,
): Measure {
	return { id, title, ours, peer, figure: 'ratio', bar, notInQuick };
}

function faster(id: string, title: string, ours: string, peer: string, bar: number | null): Measure {
	return { id, title, ours, peer, figure: 'faster', bar };
}

function seconds(id: string, title: string, ours: string, bar: number | null): Measure {
	return { id, title, ours, figure: 'seconds', bar };
}

function peak(id: string, title: string, ours: string): Measure {
	return { id, title, ours, figure: 'peak', bar: 160 };
}

function memory(ours: 'backup-file' | 'backup-sqld' | 'restore-file' | 'restore-sqld'): Measure[] {
	const what = ours.replace('-file', ', file:').replace('-sqld', ', sqld');
	return [
		peak(`memory-${ours}`, `memory: ${what}`, ours),
		{
			id: `memory-${ours}-4`,
			title: `memory: ${what}, 4 × the data vs 1 ×`,
			ours: `${ours}-4`,
			peer: ours,
			figure: 'growth',
			bar: 1.1,
		},
	];
}
