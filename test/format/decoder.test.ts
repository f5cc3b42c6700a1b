import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasCode, LifeboatError } from '../../lib/core/errors';
import { Decoder, type RowsEvent } from '../../lib/format/decoder';
import { MAX_CONTROL_BYTES, MAX_LINE_BYTES } from '../../lib/format/records';
import { KIND } from '../../lib/format/value-kinds';
import { chunksOf, decode } from './chunks';

const example = readFileSync(new URL('./vectors/example.ndjson', import.meta.url));
const startOfRows = example.indexOf('\n[') + 1;
const megabyte = Buffer.alloc(2 ** 20, '0');

function failure(act: () => unknown): LifeboatError {
	try {
		act();
	} catch (error) {
		if (error instanceof LifeboatError) return error;
		throw error;
	}
	throw new Error('did not fail');
}

function push(decoder: Decoder, ...chunks: Buffer[]) {
	return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
}

/** The example's rows section, with a row `length` bytes long, newline included, in chunks of a megabyte. */
function* longRow(length: number): Generator<Buffer> {
	yield example.subarray(0, startOfRows);
	const start = Buffer.from('[1,{"b":"');
	yield start;
	let left = length - start.length - '"},0.0,null]\n'.length;
	for (; left > megabyte.length; left -= megabyte.length) yield megabyte;
	yield megabyte.subarray(0, left);
	yield Buffer.from('"},0.0,null]\n');
}

describe('Decoder', () => {
	it('finds every change of a byte and every loss of one', () => {
		for (let at = 0; at < example.length; at++) {
			const changed = Buffer.from(example);
			changed[at] = (changed[at] as number) ^ 1;
			const lost = Buffer.concat([example.subarray(0, at), example.subarray(at + 1)]);
			for (const file of [changed, lost, example.subarray(0, at)])
				expect(
					hasCode(
						failure(() => decode([file])),
						'BACKUP_DAMAGED',
						'FORMAT_UNKNOWN',
					),
					`byte ${at}`,
				).toBe(true);
		}
	});

	it('never returns a trailer after it has failed', () => {
		const decoder = new Decoder();
		push(decoder, example);
		const error = failure(() => push(decoder, Buffer.from('{')));
		expect(error.code).toBe('BACKUP_DAMAGED');
		expect(failure(() => decoder.finish())).toBe(error);
		expect(failure(() => push(decoder, Buffer.from('\n')))).toBe(error);
	});

	it('never returns a trailer whose event was not taken', () => {
		const decoder = new Decoder();
		decoder.push(example);
		expect(failure(() => decoder.finish()).code).toBe('BACKUP_DAMAGED');
	});

	it('takes empty chunks anywhere', () => {
		const nothing = Buffer.alloc(0);
		expect(decode([nothing, example.subarray(0, 50), nothing, example.subarray(50), nothing])).toEqual(
			decode([example]),
		);
	});

	it('gives rows as they come, without waiting for the end of their table', () => {
		const decoder = new Decoder();
		push(decoder, example.subarray(0, startOfRows));
		const rows = push(decoder, Buffer.from('[1,2,3.0,null]\n[4,'));
		expect(rows).toMatchObject([{ kind: 'rows', rows: 1, traits: { longestBytes: 15 } }]);
	});

	it('hands over bytes that later chunks leave alone', () => {
		const decoder = new Decoder();
		const events = [...chunksOf(example, 10)].flatMap((chunk) => [...decoder.push(chunk)]);
		const rows = events.filter((event): event is RowsEvent => event.kind === 'rows').map(({ bytes }) => bytes);
		expect(Buffer.concat(rows).toString()).toBe(
			example.toString('utf8', startOfRows, example.indexOf('{"kind":"end"')),
		);
	});

	it('tells what kinds of values each column has', () => {
		const decoder = new Decoder();
		push(decoder, example.subarray(0, startOfRows));
		const [event] = push(decoder, Buffer.from('[1,2,3.0,{"b":""}]\n[1,null,"x",4]\n'));
		const { kinds } = (event as RowsEvent).traits;
		expect([...kinds]).toEqual([
			KIND.integer,
			KIND.integer | KIND.null,
			KIND.wholeReal | KIND.text,
			KIND.tagged | KIND.integer,
		]);
	});

	it('tells what is no backup by its first byte', () => {
		expect(failure(() => push(new Decoder(), Buffer.from('S'))).code).toBe('FORMAT_UNKNOWN');
	});

	it('tells data after the trailer at once', () => {
		const decoder = new Decoder();
		push(decoder, example);
		expect(failure(() => push(decoder, Buffer.from(' '))).data).toEqual({ line: 10, offset: example.length });
	});

	it('takes the longest line', () => {
		const decoder = new Decoder();
		const events = push(decoder, ...longRow(MAX_LINE_BYTES));
		expect(events.at(-1)).toMatchObject({ kind: 'rows', rows: 1, traits: { longestBytes: MAX_LINE_BYTES } });
	}, 30_000);

	it.each([
		['in parts', (chunks: Buffer[]) => chunks],
		['at once', (chunks: Buffer[]) => [Buffer.concat(chunks)]],
	])(
		'refuses a longer line %s',
		(_, gathered) => {
			const decoder = new Decoder();
			const error = failure(() => push(decoder, ...gathered([...longRow(MAX_LINE_BYTES + 2)])));
			expect(error.data).toEqual({ line: 5, offset: startOfRows });
			expect(error.code).toBe('BACKUP_DAMAGED');
		},
		30_000,
	);

	it('refuses a record that is longer than a record may be, though a row might', () => {
		const [head = ''] = example.toString().split('\n');
		const start = Buffer.from(`${head}\n{"kind":"schema","sql":"`);
		const rest = [Buffer.alloc(MAX_CONTROL_BYTES, '0'), Buffer.from('"}\n')];
		expect(failure(() => push(new Decoder(), start, ...rest)).data).toEqual({ line: 2, offset: head.length + 1 });
	});
});
