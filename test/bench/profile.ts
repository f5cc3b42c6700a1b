/**
 * `npm run bench:profile`: where the time of a backup, a restore and a proof goes, by `--cpu-prof`, as a Markdown table of
 * seconds of the main thread. What other threads do meanwhile (gzip, disk) is `idle` in it, as is what a server does.
 *
 *   npm run bench:profile -- [--scale 1]
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listenForInterrupts } from '../../lib/cli/interrupts';
import { Stage } from './stage';
import { script } from './tsx';

/** What of a profile is read; times are in microseconds. */
interface Profile {
	readonly nodes: readonly {
		readonly id: number;
		readonly callFrame: { readonly functionName: string; readonly url: string };
	}[];
	readonly samples: readonly number[];
	readonly timeDeltas: readonly number[];
}

/** What functions are for, by their file and name; the first that fits. */
const PARTS: readonly (readonly [part: string, fits: RegExp])[] = [
	['idle', /^\(idle\)/],
	['garbage collection', /^\(garbage collector\)/],
	['SQLite', /libsql\/index\.js/],
	['SHA-256', /crypto\/hash/],
	['reading pages', /engine\/libsql\/raw\//],
	['rows, in WebAssembly', /wasm:/],
	['checking row lines', /format\/(check-rows|line-pieces|decoder|line-buffer|control-line|file-order)/],
	['staging rows', /engine\/libsql\/(row-pages|staged-rows)/],
	['rows to a server', /engine\/libsql\/(http-migrate|page-text)/],
	[
		'network',
		/hrana|exchange|identity-fetch|node:(_http|net|tls|internal\/(streams?|js_stream))|undici|writev|writeBuffer/,
	],
	['gzip, from here', /node:zlib|format\/seal/],
	['loading modules', /esm\/|cjs\/|node:internal\/modules|tsx|loader|compile|vm\b|wrapSafe/i],
];

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' } } });
const interrupts = listenForInterrupts(process);
const stage = new Stage(Number(values.scale), interrupts.signal, (text) => process.stderr.write(`${text}\n`));
process.once('exit', () => stage.closeAtOnce());
try {
	const big = stage.data('big-1');
	const [file, server, backup] = [`file:${await big.file()}`, await big.sqld(), await big.backup()];
	const commands: readonly (readonly [title: string, shell: string, database: string])[] = [
		['backup, file', `${script('backup-turso')} --proof none --out "${stage.newPath('a.ndjson.gz')}"`, file],
		['backup, file, whole proof', `${script('backup-turso')} --out "${stage.newPath('e.ndjson.gz')}"`, file],
		['backup, sqld', `${script('backup-turso')} --proof none --out "${stage.newPath('b.ndjson.gz')}"`, server],
		['backup, sqld, whole proof', `${script('backup-turso')} --out "${stage.newPath('c.ndjson.gz')}"`, server],
		['restore, file', `${script('restore-turso')} "${backup}" --confirm --to "file:${stage.newPath('d.db')}"`, ''],
		['restore, sqld', `${script('restore-turso')} "${backup}" --confirm --to "${(await stage.startSqld()).url}"`, ''],
	];
	const columns: Map<string, number>[] = [];
	for (const [title, shell, database] of commands) columns.push(await profileOf(title, shell, database));
	const parts = [...new Set([...PARTS.map(([part]) => part), 'other'])];
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
	const seconds = (value = 0) => value.toFixed(1);
	process.stdout.write(line(['seconds of the main thread', ...commands.map(([title]) => title)]));
	process.stdout.write(line(['---', ...commands.map(() => '--:')]));
	for (const part of parts) process.stdout.write(line([part, ...columns.map((column) => seconds(column.get(part)))]));
	const all = columns.map((column) => seconds([...column.values()].reduce((sum, value) => sum + value, 0)));
	process.stdout.write(line(['**all**', ...all]));
} finally {
	await stage.close();
	interrupts.close();
}

/** Runs a command, and sums up its main thread's profile: seconds by part. */
async function profileOf(title: string, shell: string, database: string): Promise<Map<string, number>> {
	const folder = stage.newPath('profile');
	await mkdir(folder);
	const profiled = shell.replace('--import', `--cpu-prof --cpu-prof-dir "${folder}" --import`);
	const env: Record<string, string> = database === '' ? {} : { TURSO_DATABASE_URL: database };
	await stage.processes.run({ title, shell: profiled, env });
	const files = (await readdir(folder)).sort();
	const { nodes, samples, timeDeltas } = JSON.parse(
		await readFile(join(folder, files[0] as string), 'utf8'),
	) as Profile;
	const partOf = new Map(nodes.map(({ id, callFrame: { functionName, url } }) => [id, part(`${functionName} ${url}`)]));
	const sums = new Map<string, number>();
	samples.forEach((id, nth) => {
		const name = partOf.get(id) ?? 'other';
		sums.set(name, (sums.get(name) ?? 0) + (timeDeltas[nth] ?? 0) / 1e6);
	});
	return sums;
}

function part(frame: string): string {
	return PARTS.find(([, fits]) => fits.test(frame))?.[0] ?? 'other';
}
