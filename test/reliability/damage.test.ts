import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBackup } from '../../lib/backup/verify-backup';
import { LifeboatError } from '../../lib/core/errors';
import { runScript } from '../support/cli';
import { Fixtures, stream } from '../support/fixtures';
import { casesOf, Tally } from '../support/tally';
import { everyBit, everyCut, linesOf, membersOf, ofLines, partsOf, reordered, withBit } from './damages';
import { type Case, judgeAll, Shelf } from './shelf';

const SEED = 20261121;
const BLOCK_BYTES = 256 * 1024;
const SMALL = [
	'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)',
	'CREATE TABLE notes(body, at REAL)',
	"INSERT INTO users VALUES (1, 'Ada'), (2, 'Zoë'), (9007199254740993, NULL)",
	"INSERT INTO notes VALUES (x'00ff', 0.1), ('a line\nand more', -0.0)",
	'CREATE VIEW names AS SELECT name FROM users',
];
/** About 2 MB as stored, in several gzip members. */
const LARGE = [
	'CREATE TABLE noise(id INTEGER PRIMARY KEY, bytes BLOB, text TEXT)',
	`INSERT INTO noise WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
		SELECT i, randomblob(200), hex(randomblob(50)) FROM n`,
];

const fixtures = new Fixtures();
afterAll(() => fixtures.close());

const DETECTED = 'verify and restore refuse it (exit 4), naming the place; the target is not touched';
const damage = (fault: string, provoked: string, promised = DETECTED) =>
	new Tally({ area: 'Damage', fault, provoked, promised });
/** Of cases that there are thousands of, one in this many goes through the jobs. */
const RARELY = casesOf(40, 2);
const LONG_MS = 1_800_000;

describe('a small backup is refused', () => {
	let shelf: Shelf;
	beforeAll(async () => {
		shelf = await Shelf.of(await fixtures.folder(), SMALL);
	});

	it.each(['data', 'manifest'] as const)(
		'with any one bit of its %s turned',
		async (part) => {
			const tally = damage(`one bit of the ${part} is turned`, 'every single bit of a small backup');
			await judgeAll(shelf, tally, everyBit(part, shelf.last), RARELY);
		},
		LONG_MS,
	);

	it.each(['data', 'manifest'] as const)(
		'with its %s cut at any byte',
		async (part) => {
			const tally = damage(`the ${part} is cut`, 'at every byte of a small backup');
			await judgeAll(shelf, tally, everyCut(part, shelf.last), RARELY);
		},
		LONG_MS,
	);

	it('with any two of its lines exchanged', async () => {
		const tally = damage('two lines are exchanged', 'every two lines of a small backup, compressed anew');
		const lines = linesOf(shelf.last.data);
		const cases: Case[] = [];
		for (let one = 0; one < lines.length; one++)
			for (let other = one + 1; other < lines.length; other++) {
				const changed = [...lines];
				[changed[one], changed[other]] = [lines[other] as string, lines[one] as string];
				cases.push([`lines ${one} and ${other}`, { data: ofLines(changed) }]);
			}
		await judgeAll(shelf, tally, cases);
	});

	it('without its trailer, or any other line', async () => {
		const tally = damage('a line is missing', 'the trailer, and every other line of a small backup, taken out');
		const lines = linesOf(shelf.last.data);
		const without = (nth: number) => ofLines(lines.toSpliced(nth, 1));
		const cases = lines.map((_, nth): Case => [`line ${nth}`, { data: without(nth) }]);
		await judgeAll(shelf, tally, cases);
	});

	it('with a line that comes twice', async () => {
		const tally = damage('a line comes twice', 'every line of a small backup');
		const lines = linesOf(shelf.last.data);
		const cases = lines.map((line, nth): Case => [`line ${nth}`, { data: ofLines(lines.toSpliced(nth, 0, line)) }]);
		await judgeAll(shelf, tally, cases);
	});

	it('with anything after its end', async () => {
		const tally = damage('something follows the end', 'gzip members of all kinds, zeros, or noise appended');
		const { data, manifest } = shelf.last;
		const tails: [string, Buffer][] = [
			['an empty member', gzipSync('')],
			['a member with a blank line', gzipSync('\n')],
			['a member with a row', gzipSync('[4,"Eve"]\n')],
			['a member with the trailer', gzipSync(linesOf(data).at(-1) as string)],
			['the backup itself', data],
			['the backup of the day before', shelf.before.data],
			['half a member', gzipSync('[4,"Eve"]\n').subarray(0, 15)],
			['zeros', Buffer.alloc(512)],
			['one zero', Buffer.alloc(1)],
			['noise', manifest.subarray(0, 100)],
		];
		const cases = tails.flatMap(([what, tail]): Case[] => [
			[what, { data: Buffer.concat([data, tail]) }],
			[`${what} after the manifest`, { manifest: Buffer.concat([manifest, tail]) }],
			[`${what} before`, { data: Buffer.concat([tail, data]) }],
		]);
		await judgeAll(shelf, tally, cases);
	});

	it('with what belongs to another backup', async () => {
		const { last, before } = shelf;
		const tally = damage('files of two backups are mixed', 'manifest, data, or both, of the backup of the day before');
		await judgeAll(shelf, tally, [
			['its manifest', { manifest: before.manifest }],
			['its data', { data: before.data }],
			['both', before],
			['the data as the manifest', { manifest: last.data }],
			['the manifest as the data', { data: last.manifest }],
			['the same lines, compressed anew', { data: ofLines(linesOf(last.data)) }],
		]);
	});

	it('by the scripts, with exit code 4', async () => {
		const tally = damage('what a person sees of it', 'verify-backup.ts and restore-turso.ts --confirm as processes');
		const { data, manifest } = shelf.last;
		const wrong: string[] = [];
		for (const [what, files] of [
			['a bit of the data', { data: withBit(data, data.length * 4) }],
			['a bit of the manifest', { manifest: withBit(manifest, manifest.length * 4) }],
			['a cut', { data: data.subarray(0, -1) }],
			["another backup's manifest", { manifest: shelf.before.manifest }],
		] as const) {
			await shelf.lay({ ...shelf.last, ...files });
			const env = { BACKUP_NAME: 'shop' };
			const options = { cwd: shelf.cwd, env };
			const checked = await runScript('verify-backup', [shelf.id], options);
			const restored = await runScript('restore-turso', [shelf.id, '--to', 'file:new.db', '--confirm'], options);
			const exits = [checked.exit, restored.exit];
			const isFine = exits.every((exit) => exit === 4) && !existsSync(join(shelf.cwd, 'new.db'));
			tally.add(isFine ? 'detected' : 'undetected');
			if (!isFine) wrong.push(`${what}: ${exits} ${checked.stderr}${restored.stderr}`);
		}
		await shelf.lay(shelf.last);
		expect(wrong).toEqual([]);
		tally.expectSound();
	});

	it('without a manifest, if a bit turned is of its lines', async () => {
		const tally = damage(
			'one bit of a file without a manifest is turned',
			'every single bit of the data alone',
			'refused; or, for the few bits of gzip that nothing depends on, read as it was written',
		);
		const { data } = shelf.last;
		const digest = async (bytes: Buffer) => (await verifyBackup(stream([bytes]), null)).trailer.sha256;
		const right = await digest(data);
		const missed: string[] = [];
		let harmless = 0;
		for (const [what, { data: bytes }] of everyBit('data', shelf.last)) {
			const read = await digest(bytes as Buffer).catch((error: unknown) => error);
			const outcome = read instanceof LifeboatError ? 'detected' : read === right ? 'exact' : 'undetected';
			tally.add(outcome);
			if (outcome === 'exact') harmless++;
			if (outcome === 'undetected') missed.push(`${what}: ${read}`);
		}
		expect(missed).toEqual([]);
		// Time, operating system and hints in the header of gzip; what fills its last byte up.
		expect(harmless).toBeLessThan(10 * 8);
		tally.expectSound();
	});
});

describe('a large backup is refused', () => {
	let shelf: Shelf;
	beforeAll(async () => {
		shelf = await Shelf.of(await fixtures.folder(), LARGE);
	});

	it(
		'with a bit of its data turned',
		async () => {
			const tally = damage('one bit of a large backup is turned', '2,000 random bits of 2 MB of data');
			const { data } = shelf.last;
			const bits = fc.sample(fc.nat(data.length * 8 - 1), { numRuns: 2_000, seed: SEED });
			function* cases(): Generator<Case> {
				for (const bit of bits) yield [`bit ${bit}`, { data: withBit(data, bit) }];
			}
			await judgeAll(shelf, tally, cases(), RARELY);
		},
		LONG_MS,
	);

	it('with two of its gzip members exchanged, left out or doubled', async () => {
		const tally = damage('parts are exchanged, left out or doubled', 'gzip members of a large backup');
		const { data } = shelf.last;
		const members = membersOf(data);
		expect(members.length).toBeGreaterThan(2);
		expect(Buffer.concat(members).equals(data)).toBe(true);
		await judgeAll(shelf, tally, reordered(members), RARELY);
	});

	it('with two of its parts exchanged, left out, doubled or blank', async () => {
		const tally = damage('blocks are exchanged, left out, doubled or blank', 'blocks of 256 kB of a large backup');
		const { data } = shelf.last;
		const blocks = partsOf(data, BLOCK_BYTES);
		const blank = blocks.map(
			(block, nth): Case => [
				`block ${nth} blank`,
				{ data: Buffer.concat(blocks.with(nth, Buffer.alloc(block.length))) },
			],
		);
		await judgeAll(shelf, tally, [...reordered(blocks), ...blank], RARELY);
	});
});
