/**
 * `npm run bench`: backing up beside what a user would use instead, on the same data, in one run, interleaved.
 * Prints medians as a table, ratios first. Needs sqlite3, curl and gzip.
 *
 *   npm run bench -- [--runs 5] [--scale 1]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatTable } from '../../lib/cli/table';
import { buildBigDatabase } from '../support/big-database';
import { startSqld } from '../support/sqld';

interface Run {
	readonly name: string;
	/** The run that it is measured against; null for a peer. */
	readonly peer: string | null;
	readonly bar: string;
	/** A shell command; `$OUT` is the file to write. */
	readonly command: string;
	readonly env?: Record<string, string>;
}

/** No run takes longer, in ms. */
const LONGEST_MS = 600_000;
const HERE = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(HERE, '../..');

const { values } = parseArgs({
	options: { runs: { type: 'string', default: '5' }, scale: { type: 'string', default: '1' } },
});
const folder = await mkdtemp(join(tmpdir(), 'lifeboat-bench-'));
const sqld = await startSqld();
try {
	const file = join(folder, 'big.db');
	console.error('making the data');
	await buildBigDatabase(`file:${file}`, Number(values.scale));
	await buildBigDatabase(sqld.url, Number(values.scale));
	const script = `"${process.execPath}" --import tsx "${root}/scripts/backup-turso.ts" --proof none --out $OUT.ndjson.gz`;
	const runs: Run[] = [
		{ name: 'sqlite3 .dump | gzip -6', peer: null, bar: '', command: `sqlite3 "${file}" .dump | gzip -6 > $OUT` },
		{
			name: 'Lifeboat, file:',
			peer: 'sqlite3 .dump | gzip -6',
			bar: '1.0',
			command: script,
			env: { TURSO_DATABASE_URL: `file:${file}` },
		},
		{ name: 'curl /dump | gzip -1', peer: null, bar: '', command: `curl -sf ${sqld.url}/dump | gzip -1 > $OUT` },
		{
			name: 'Lifeboat, sqld',
			peer: 'curl /dump | gzip -1',
			bar: '1.3',
			command: script,
			env: { TURSO_DATABASE_URL: sqld.url },
		},
	];
	const seconds = new Map(runs.map(({ name }) => [name, [] as number[]]));
	const peakMb = new Map(runs.map(({ name }) => [name, 0]));
	for (let round = 1; round <= Number(values.runs); round++) {
		for (const run of runs) {
			const out = join(folder, 'out');
			const startedMs = performance.now();
			const peak = await shell(run, out);
			seconds.get(run.name)?.push((performance.now() - startedMs) / 1000);
			peakMb.set(run.name, Math.max(peakMb.get(run.name) ?? 0, peak));
			console.error(`${round}: ${run.name} ${seconds.get(run.name)?.at(-1)?.toFixed(1)} s`);
			if (round === 1 && run.peer !== null) await verify(`${out}.ndjson.gz`);
			for (const left of [out, `${out}.ndjson.gz`, `${out}.json`]) await rm(left, { force: true });
		}
	}
	const of = (name: string) => median(seconds.get(name) ?? []);
	const rows = runs.map(({ name, peer, bar }) => [
		name,
		peer === null ? '1' : (of(name) / of(peer)).toFixed(2),
		bar,
		`${of(name).toFixed(1)} s`,
		peer === null ? '' : `${peakMb.get(name)?.toFixed(0)} MB`,
	]);
	console.log(
		formatTable(
			[
				{ heading: 'run' },
				{ heading: 'ratio', align: 'right' },
				{ heading: 'bar', align: 'right' },
				{ heading: 'median', align: 'right' },
				{ heading: 'peak RSS', align: 'right' },
			],
			rows,
		),
	);
	console.log(
		`\n${values.runs} runs each, interleaved; scale ${values.scale}; ${cpus().length} × ${cpus()[0]?.model}; Node ${process.version}; ${new Date().toISOString().slice(0, 10)}`,
	);
} finally {
	await sqld.close();
	await rm(folder, { recursive: true, force: true });
}

/** Runs a command to its end; returns the peak resident memory of its last process as far as it tells, in MB. */
async function shell(run: Pick<Run, 'name' | 'command' | 'env'>, out: string): Promise<number> {
	const preload = `--require ${join(HERE, 'tell-peak.cjs')}`;
	const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: folder, OUT: out, NODE_OPTIONS: preload };
	const child = spawn('bash', ['-o', 'pipefail', '-c', run.command], {
		cwd: root,
		env: { ...env, ...run.env } as unknown as NodeJS.ProcessEnv,
		stdio: ['ignore', 'ignore', 'pipe'],
		timeout: LONGEST_MS,
	});
	let told = '';
	child.stderr.on('data', (data) => {
		told += data;
	});
	const code = await new Promise((done) => child.once('close', done));
	if (code !== 0) throw new Error(`${run.name} failed: ${told}`);
	return Number(/peak-rss-kb (\d+)/.exec(told)?.[1] ?? 0) / 1024;
}

async function verify(file: string): Promise<void> {
	await shell(
		{ name: 'verify', command: `"${process.execPath}" --import tsx "${root}/scripts/verify-backup.ts" "${file}"` },
		'',
	);
}

function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
