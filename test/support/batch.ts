import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Outcome, Tally } from './tally';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** A process that says nothing for so long hangs. */
const SILENCE_MS = 120_000;

/** What a batch says of one of its cases, as a line of JSON: first that it begins, then what came of it. */
export interface BatchLine {
	readonly seed: number;
	readonly outcome?: Outcome;
	readonly told?: string;
}

export interface BatchOptions {
	/** Of the module that tries the cases: its arguments are the first seed and the one after the last. */
	readonly path: string;
	readonly from: number;
	readonly to: number;
	/** Of V8's heap, in MB. */
	readonly heapMb: number;
	/** How many cases a process tries. */
	readonly atOnce: number;
}

/**
 * Tries cases in processes of their own, which may crash or hang, and counts what came of them.
 *
 * @returns what must not be: each with its seed
 */
export async function runBatch(tally: Tally, { path, from, to, heapMb, atOnce }: BatchOptions): Promise<string[]> {
	const bad: string[] = [];
	for (let next = from; next < to; ) {
		const { lines, ending } = await runOnce(path, next, Math.min(next + atOnce, to), heapMb);
		for (const { seed, outcome, told } of lines) {
			if (outcome === undefined) continue;
			tally.add(outcome);
			if (['lost', 'wrong', 'undetected'].includes(outcome)) bad.push(`${seed}: ${told}`);
		}
		const last = lines[lines.length - 1];
		if (ending !== null || last?.outcome === undefined) {
			tally.add('wrong');
			bad.push(`${last?.seed ?? next}: the process ended by ${ending}`);
		}
		next = (last?.seed ?? next) + 1;
	}
	return bad;
}

/** `ending` is null if the process came to its end. */
function runOnce(
	path: string,
	from: number,
	to: number,
	heapMb: number,
): Promise<{ lines: BatchLine[]; ending: string | null }> {
	return new Promise((resolve, reject) => {
		const flags = [`--max-old-space-size=${heapMb}`, '--import', TSX];
		const child = spawn(process.execPath, [...flags, path, String(from), String(to)], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let [out, err, isSilent] = ['', '', false];
		const silence = setTimeout(() => {
			isSilent = true;
			child.kill('SIGKILL');
		}, SILENCE_MS);
		child.stdout.on('data', (chunk) => {
			out += chunk;
			silence.refresh();
		});
		child.stderr.on('data', (chunk) => {
			err += chunk;
		});
		child.once('error', reject);
		child.once('close', (exit, signal) => {
			clearTimeout(silence);
			const whole = out
				.slice(0, out.lastIndexOf('\n') + 1)
				.split('\n')
				.slice(0, -1);
			const lines = whole.map((line) => JSON.parse(line) as BatchLine);
			const how = isSilent ? 'a hang' : `${signal ?? `exit ${exit}`}: ${err.slice(-2_000)}`;
			resolve({ lines, ending: exit === 0 ? null : how });
		});
	});
}
