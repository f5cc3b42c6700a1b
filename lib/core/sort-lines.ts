import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** So many characters are sorted at once in memory; more than that, in files. */
const RUN_CHARS = 1024 * 1024;
/** Bytes read of each file at once. */
const READ_BYTES = 8 * 1024;

/**
 * Sorts lines, however many there are, in the order of JavaScript's `<`, each once. Holds some megabytes.
 *
 * @param folder for files, which are named after `name`; whoever made it removes it
 * @param lines without line breaks in them
 */
export async function sortLines(
	folder: string,
	name: string,
	lines: AsyncIterable<string>,
): Promise<() => AsyncIterable<string>> {
	const files: string[] = [];
	let run: string[] = [];
	let chars = 0;
	for await (const line of lines) {
		run.push(line);
		chars += line.length;
		if (chars < RUN_CHARS) continue;
		files.push(await writeRun(join(folder, `${name}-${files.length}`), run));
		run = [];
		chars = 0;
	}
	const last = run.sort();
	return () => unique(merge([...files.map(linesOf), fromArray(last)]));
}

async function writeRun(path: string, run: string[]): Promise<string> {
	run.sort();
	const pieces = function* () {
		for (let at = 0; at < run.length; at += 1000) yield `${run.slice(at, at + 1000).join('\n')}\n`;
	};
	await pipeline(pieces(), createWriteStream(path, { mode: 0o600 }));
	return path;
}

async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
	let rest = '';
	const decoder = new TextDecoder();
	for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = lines.pop() ?? '';
		yield lines;
	}
}

async function* fromArray(lines: readonly string[]): AsyncGenerator<readonly string[]> {
	yield lines;
}

/** A sorted run that is being read, at one of its lines. */
class Cursor {
	line = '';
	#lines: readonly string[] = [];
	#at = 0;

	constructor(readonly source: AsyncGenerator<readonly string[]>) {}

	/** Goes to the next line of those that are there; false if none is. */
	step(): boolean {
		if (this.#at === this.#lines.length) return false;
		this.line = this.#lines[this.#at++] as string;
		return true;
	}

	/** Reads more of them, and goes to the next line; false at the end. */
	async read(): Promise<boolean> {
		for (;;) {
			const { done, value } = await this.source.next();
			if (done) return false;
			[this.#lines, this.#at] = [value, 0];
			if (this.step()) return true;
		}
	}
}

/** Merges sorted runs: the one whose line is least comes first among them, and is put in its place again. */
async function* merge(sources: readonly AsyncGenerator<readonly string[]>[]): AsyncGenerator<string> {
	const all = sources.map((source) => new Cursor(source));
	try {
		const open: Cursor[] = [];
		for (const cursor of all) if (await cursor.read()) open.splice(placeOf(cursor.line, open), 0, cursor);
		for (let first = open.shift(); first !== undefined; first = open.shift()) {
			yield first.line;
			if (first.step() || (await first.read())) open.splice(placeOf(first.line, open), 0, first);
		}
	} finally {
		for (const { source } of all) await source.return(undefined);
	}
}

/** The place of a line among those of cursors in order. */
function placeOf(line: string, cursors: readonly Cursor[]): number {
	let [from, to] = [0, cursors.length];
	while (from < to) {
		const middle = (from + to) >> 1;
		if ((cursors[middle] as Cursor).line < line) from = middle + 1;
		else to = middle;
	}
	return from;
}

async function* unique(lines: AsyncIterable<string>): AsyncGenerator<string> {
	let last: string | null = null;
	for await (const line of lines) {
		if (line !== last) yield line;
		last = line;
	}
}
