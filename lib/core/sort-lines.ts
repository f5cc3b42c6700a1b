import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** So many characters are sorted at once in memory; more than that, in files. */
const RUN_CHARS = 4 * 1024 * 1024;
/** Bytes read of each file at once. */
const READ_BYTES = 64 * 1024;

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

async function* linesOf(path: string): AsyncGenerator<string> {
	let rest = '';
	const decoder = new TextDecoder();
	for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = lines.pop() ?? '';
		yield* lines;
	}
}

async function* fromArray(lines: readonly string[]): AsyncGenerator<string> {
	yield* lines;
}

/** Merges sorted streams. A few dozen at most: each next line is looked for among all of them. */
async function* merge(sources: AsyncGenerator<string>[]): AsyncGenerator<string> {
	try {
		const heads = await Promise.all(sources.map((source) => source.next()));
		for (;;) {
			let least = -1;
			for (const [nth, { done, value }] of heads.entries())
				if (!done && (least < 0 || value < (heads[least]?.value as string))) least = nth;
			if (least < 0) return;
			yield heads[least]?.value as string;
			heads[least] = await (sources[least] as AsyncGenerator<string>).next();
		}
	} finally {
		for (const source of sources) await source.return(undefined);
	}
}

async function* unique(lines: AsyncIterable<string>): AsyncGenerator<string> {
	let last: string | null = null;
	for await (const line of lines) {
		if (line !== last) yield line;
		last = line;
	}
}
