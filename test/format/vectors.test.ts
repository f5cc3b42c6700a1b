import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../lib/core/errors';
import { unseal } from '../../lib/format/seal';
import { chunksOf, collect, type Decoded, decode, Source } from './chunks';

type Outcome =
	| ({ valid: true } & Decoded)
	| { valid: false; code: string /** Both or neither. */; line?: number; offset?: number };

const folder = new URL('./vectors/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as Record<string, Outcome>;
const read = (name: string) => readFileSync(new URL(name, folder));

/** Whole, and cut in every way that is likely to matter; one byte at a time last. */
const SIZES = [Number.MAX_SAFE_INTEGER, 1024, 64, 7, 2, 1];

/** What decoding comes to, without what a place is not promised for. */
async function outcomeOf(act: () => Decoded | Promise<Decoded>, expected: Outcome): Promise<unknown> {
	try {
		return { valid: true, ...(await act()) };
	} catch (error) {
		if (!(error instanceof LifeboatError)) throw error;
		const { line, offset } = error.data;
		const hasPlace = !expected.valid && expected.line !== undefined;
		return { valid: false, code: error.code, ...(hasPlace ? { line, offset } : {}) };
	}
}

describe('the vectors', () => {
	it('are all in the index, and enough', () => {
		const files = readdirSync(folder).filter((name) => name.includes('.ndjson'));
		expect(Object.keys(index).sort()).toEqual(files.sort());
		const valid = Object.values(index).filter((outcome) => outcome.valid).length;
		expect(valid).toBeGreaterThanOrEqual(12);
		expect(files.length - valid).toBeGreaterThanOrEqual(40);
	});

	it.each(Object.entries(index))('%s', async (name, expected) => {
		const bytes = read(name);
		for (const size of SIZES) {
			const act = async () => {
				if (!name.endsWith('.gz')) return decode(chunksOf(bytes, size));
				// What comes out before the damage may be damaged itself, so it is decoded only as far as it came.
				return decode([await collect(unseal(new Source([...chunksOf(bytes, size)])))]);
			};
			expect(await outcomeOf(act, expected), `in chunks of ${size}`).toEqual(expected);
		}
	});
});

describe('the README', () => {
	const readme = readFileSync(new URL('../../lib/format/README.md', import.meta.url), 'utf8');

	it('shows the example file as it is', () => {
		expect(readme).toContain(`\`\`\`\n${read('example.ndjson').toString()}\`\`\`\n`);
	});

	it('names every field of every record', async () => {
		const { controlSchema } = await import('../../lib/format/records');
		for (const { shape } of controlSchema.options)
			for (const field of Object.keys(shape)) expect(readme, field).toContain(`\`${field}\``);
	});
});
