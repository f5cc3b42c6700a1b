import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyBackup } from '../../lib/backup/verify-backup';
import { LifeboatError } from '../../lib/core/errors';
import { seal } from '../../lib/format/seal';
import { chunksOf, collect } from '../format/chunks';
import { type DecodedOutcome, decodedOutcome, randomChunks } from '../support/decoded-outcome';
import { mutate, pick } from '../support/mutate';
import { redigest } from '../support/redigest';
import { seededRandom } from '../support/seeded-random';
import { casesOf, type Outcome, Tally } from '../support/tally';

const LIMIT_MS = 600_000;
const seed = 20_261_121;
const CODES = ['BACKUP_DAMAGED', 'FORMAT_UNKNOWN'];

const folder = new URL('../format/vectors/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as Record<string, { valid: boolean }>;
const vectors = readdirSync(folder)
	.filter((name) => name.includes('.ndjson'))
	.map((name) => {
		const bytes = readFileSync(new URL(name, folder));
		return { name, bytes, isValid: index[name]?.valid === true };
	});
const stored = vectors.filter(({ name }) => name.endsWith('.gz'));
const plain = vectors.filter(({ name, isValid }) => isValid && !name.endsWith('.gz')).map(({ bytes }) => bytes);
const others = vectors.map(({ bytes }) => bytes);
const known = new Set(
	[...plain, ...stored.filter((one) => one.isValid).map(({ bytes }) => gunzipSync(bytes))].map(sha256),
);

function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** The one outcome of a file, however it comes. */
function outcomeOf(bytes: Buffer, random: () => number): DecodedOutcome {
	const outcome = decodedOutcome([bytes]);
	for (const chunks of [chunksOf(bytes, bytes.length < 3_000 ? 1 : 7), randomChunks(bytes, random)])
		expect(decodedOutcome(chunks)).toEqual(outcome);
	if (!outcome.whole) expect(CODES).toContain(outcome.code);
	return outcome;
}

/** Tries `cases` files that chance makes; a case that fails is known by its seed. */
function tryAll(cases: number, tally: Tally, one: (random: () => number) => Outcome): void {
	fc.assert(
		fc.property(fc.nat(), (nth) => {
			const outcome = one(seededRandom(nth));
			tally.add(outcome);
			expect(outcome).toMatch(/exact|detected/);
		}),
		{ seed, numRuns: cases, endOnFailure: true },
	);
	tally.expectSound();
}

describe('the decoder', () => {
	it('takes any bytes at all', { timeout: LIMIT_MS }, () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'Any bytes as a backup file',
			provoked: 'random bytes and lines, whole and in random chunks',
			promised: 'refused by a code, alike however they come',
		});
		const lines = fc.array(fc.oneof(fc.json(), fc.string(), fc.constantFrom('{"kind":"header"}', '[1]', '{}')));
		const files = fc.oneof(
			fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
			lines.map((some) => Buffer.from(some.map((line) => `${line}\n`).join(''))),
			lines.map((some) => Buffer.concat([plain[0] as Buffer, Buffer.from(some.join('\n'))])),
		);
		fc.assert(
			fc.property(files, fc.nat(), (bytes, nth) => {
				const { whole } = outcomeOf(bytes, seededRandom(nth));
				const outcome = !whole ? 'detected' : known.has(sha256(bytes)) ? 'exact' : 'undetected';
				tally.add(outcome);
				expect(outcome).not.toBe('undetected');
			}),
			{ seed, numRuns: casesOf(1_500, 30_000), endOnFailure: true },
		);
		tally.expectSound();
	});

	it('finds every change of a file', { timeout: LIMIT_MS }, () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'A backup file with changed bytes',
			provoked: 'bytes inserted, deleted, doubled, swapped, spliced and overwritten in valid files',
			promised: 'refused by a code, alike however it comes',
		});
		tryAll(casesOf(2_500, 50_000), tally, (random) => {
			const file = mutate(pick(random, plain), random, others);
			const outcome = outcomeOf(file, random);
			return !outcome.whole ? 'detected' : known.has(sha256(file)) ? 'exact' : 'undetected';
		});
	});

	it('takes of a file whose digests fit only what it can write itself', { timeout: LIMIT_MS }, () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'A changed backup file whose digests fit',
			provoked: 'the same changes, then counts and digests made right',
			promised: 'refused by a code, or read as exactly what would be written',
		});
		tryAll(casesOf(4_000, 60_000), tally, (random) => {
			const file = redigest(mutate(pick(random, plain), random, others));
			const outcome = outcomeOf(file, random);
			return !outcome.whole ? 'detected' : outcome.sha256 === sha256(file) ? 'exact' : 'wrong';
		});
	});
});

describe('a stored file', () => {
	it('that was changed is found out, however it comes', { timeout: LIMIT_MS }, async () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'A compressed backup file with changed bytes',
			provoked: 'the same changes in gzip members, whole and in random chunks',
			promised: 'refused by a code; or, where gzip carries the change, the same contents',
		});
		const sealed = await Promise.all(plain.map((bytes) => collect(seal(chunksAsync([bytes])))));
		const files = [...stored.filter((one) => one.isValid).map(({ bytes }) => bytes), ...sealed];
		const property = fc.asyncProperty(fc.nat(), async (nth) => {
			const random = seededRandom(nth);
			const file = mutate(pick(random, files), random, [...files, ...others]);
			const outcome = await storedOutcome([file]);
			for (const chunks of [chunksOf(file, 1), randomChunks(file, random)])
				expect(await storedOutcome(chunks)).toEqual(outcome);
			const came = outcome === 'whole' ? (known.has(sha256(gunzipSync(file))) ? 'exact' : 'undetected') : 'detected';
			tally.add(came);
			expect(came).not.toBe('undetected');
		});
		await fc.assert(property, { seed, numRuns: casesOf(600, 6_000), endOnFailure: true });
		tally.expectSound();
	});
});

async function* chunksAsync(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
	yield* chunks;
}

/** Which of the two codes it is may depend on how much came out before the damage was met. */
async function storedOutcome(chunks: Iterable<Buffer>): Promise<'whole' | 'refused'> {
	try {
		await verifyBackup(chunksAsync(chunks), null);
		return 'whole';
	} catch (error) {
		if (!(error instanceof LifeboatError)) throw error;
		expect(CODES).toContain(error.code);
		return 'refused';
	}
}
