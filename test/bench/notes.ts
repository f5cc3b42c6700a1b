import { LINE_BYTES_PER_SECOND } from './contestants';
import { median } from './judge';
import type { Results } from './results';

/** How it is measured and how the bars are read, a paragraph each, for the page. */
export const NOTES: readonly string[] = [
	'Data, by a seeded script: 1.1 million rows in two tables (text keys, JSON payloads, reals, integers, 64-byte blobs); ' +
		'the same at 0.25, 0.5 and 4 times the size; 500 tables of 10 to 100 rows; 100 blobs of 1 MB. Servers are real ' +
		'sqld, and hold a copy of the file.',
	'Every run is checked, outside of its time: a backup by `verify-backup.ts` and by its digests, which must be those of ' +
		'every other backup of the data; a restore by its own comparison of all digests, and once into a file, a ' +
		'server and for the 500 tables by `../shared/fidelity/compare.mjs`, which shares no code with this project. Of peers the rows or the size.',
	'Backups are made with `--proof none` but where the whole proof is named. MB/s are of row text: the JSON of the rows, ' +
		'before compression. Peaks are the highest of all runs, in units of 2^20 bytes, of our process alone.',
	'The slow network is a proxy in a process of its own. It delays what passes, and the first byte of a connection by a ' +
		'handshake, without taking bandwidth: 650 MB/s pass it at 30 ms.',
	'30 ms without a limit: the time that the bytes alone need is that of the same backup without the delay.',
	'200 Mbit/s: the bytes that passed the proxy, divided by 25 MB/s.',
	'Restores into sqld go into a server that was started anew; its start is not in the time. The peers with VALUES read ' +
		'the rows as JSON lines, gzipped; over 30 ms, and row by row, they are given a tenth of the rows, and their times ' +
		'are scaled up.',
	'The plain way is `SELECT *` for each table, JSON.stringify, gzip, all in memory. Keyset pages are 5,000 rows each, ' +
		'through `@libsql/client` as it comes, written as JSON lines by gzip -1. Both lose types, and what the client ' +
		'cannot read.',
	'Cold start: of a production server that has said it is ready and has had no request; from the first request to the ' +
		'route until a listener in front of sqld hears the first byte.',
	'With `--quick`, every bar is twice as wide (growth: twice the growth), and nothing is subtracted for the start of ' +
		'processes, which is much of the time at a tenth of the size. What says nothing there is not judged, and the table ' +
		'says why.',
];

/** What the line of 200 Mbit/s carried; nothing if it was not measured. */
export function wireNote({ samples, data }: Results): string[] {
	const runs = samples.get('backup-sqld-home') ?? [];
	const textBytes = data.get('big-1')?.textBytes ?? 0;
	if (runs.length === 0) return [];
	const answered = median(runs.map(({ wire }) => wire?.answered ?? 0));
	const needs = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB, ${(bytes / LINE_BYTES_PER_SECOND).toFixed(1)} s`;
	return [
		`A backup over that line: ${needs(answered)} at 25 MB/s passed; the row text alone would be ${needs(textBytes)}.`,
	];
}
