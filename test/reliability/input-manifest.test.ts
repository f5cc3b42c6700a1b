import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeManifest, encodeManifest, MAX_MANIFEST_BYTES, type Manifest } from '../../lib/backup/manifest';
import { EVERYTHING } from '../../lib/backup/selection';
import { LifeboatError } from '../../lib/core/errors';
import { systemContext } from '../../lib/jobs/context';
import { listBackups } from '../../lib/jobs/list';
import { restoreBackup } from '../../lib/jobs/restore';
import { verify } from '../../lib/jobs/verify';
import { givenJob } from '../jobs/fixture';
import { Workspace } from '../scripts/workspace';
import { below, mutate, pick } from '../support/mutate';
import { seededRandom } from '../support/seeded-random';
import { casesOf, Tally } from '../support/tally';

const LIMIT_MS = 1_200_000;
const seed = 20_261_121;

/** What a field of JSON may be that nobody meant to be there. */
const VALUES: readonly unknown[] = [
	...[
		null,
		true,
		0,
		-1,
		1.5,
		2 ** 53,
		1e300,
		'',
		'x',
		[],
		{},
		[null],
		[[[]]],
		'../x',
		'/etc/passwd',
		'a\0b',
		'\u202e',
		'\ud800',
	],
	...[
		'../../evil/backup-20200101T000000Z-0000',
		'backup-20200101T000000Z-0000',
		'x'.repeat(9_999),
		'__proto__',
		'9e999',
		2,
	],
	...[
		{ __proto__: { id: 'x' } },
		JSON.parse('{"__proto__":{"id":"x"}}'),
		{ toString: 1 },
		'2026-11-20T02:00:00Z',
		'0'.repeat(64),
	],
];

/** The manifest with one of its fields, however deep, made something else, left out, or put elsewhere. */
function otherwise(manifest: Manifest, random: () => number): Manifest {
	const copy = structuredClone(manifest);
	let at = copy as unknown as Record<string, unknown>;
	for (;;) {
		const key = pick(random, Object.keys(at));
		const inner = at[key];
		if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random() < 0.7) {
			at = inner as Record<string, unknown>;
			continue;
		}
		if (random() < 0.15) delete at[key];
		else at[random() < 0.9 ? key : `${key}2`] = pick(random, VALUES);
		return copy;
	}
}

/** Two backups in a local store, and what is done with them by name. */
async function givenTwo() {
	const job = await givenJob();
	await job.nightly();
	job.context.set('2026-11-21T02:00:00Z');
	await job.nightly();
	const [older, newer] = (await job.files()).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
	if (!older || !newer) throw new Error('there are not two backups');
	const bytes = await readFile(join(job.folder, `${newer}.json`));
	const cwd = join(job.folder, '../..');
	const common = { backup: newer, config: job.config, cwd };
	const restoring = {
		...systemContext,
		...common,
		to: 'file:new.db',
		confirm: false,
		resume: false,
		parts: EVERYTHING,
	};
	return {
		newer,
		older,
		bytes,
		put: (content: Buffer) => writeFile(join(job.folder, `${newer}.json`), content),
		list: () => listBackups({ config: job.config, limit: 10 }),
		verify: () => verify({ ...common, drill: false }),
		plan: () => restoreBackup({ ...restoring, allowFunctions: new Set() }),
		everything: async () => (await readdir(cwd, { recursive: true })).sort(),
	};
}

async function codeOf(act: () => Promise<unknown>): Promise<string> {
	try {
		await act();
		return 'done';
	} catch (error) {
		if (error instanceof LifeboatError) return error.code;
		throw error;
	}
}

describe('a manifest', () => {
	it('of any bytes is one, or invalid', { timeout: LIMIT_MS }, async () => {
		const { bytes, newer } = await givenTwo();
		const manifest = decodeManifest(bytes, 'here', newer);
		const tally = new Tally({
			area: 'Input',
			fault: 'Any bytes as a manifest',
			provoked: 'random JSON, and manifests with changed bytes and fields',
			promised: 'refused by a code, or a manifest of this very backup',
		});
		const property = fc.property(fc.nat(), fc.json(), (nth, json) => {
			const random = seededRandom(nth);
			const inputs = [
				() => Buffer.from(json),
				() => mutate(bytes, random),
				() => encodeManifest(otherwise(manifest, random)),
			];
			let outcome = 'exact';
			try {
				if (decodeManifest(pick(random, inputs)(), 'here', newer).id !== newer) outcome = 'undetected';
			} catch (error) {
				if (!(error instanceof LifeboatError) || error.code !== 'MANIFEST_INVALID') throw error;
				outcome = 'refused';
			}
			tally.add(outcome as 'exact');
			expect(outcome).not.toBe('undetected');
		});
		fc.assert(property, { seed, numRuns: casesOf(3_000, 100_000), endOnFailure: true });
		tally.expectSound();
		expect(({} as { id?: string }).id).toBeUndefined();
	});

	it('that was changed hides no other backup, and leads nowhere', { timeout: LIMIT_MS }, async () => {
		const two = await givenTwo();
		const manifest = decodeManifest(two.bytes, 'here', two.newer);
		const before = await two.everything();
		const others = (await two.list()).backups.filter(({ id }) => id === two.older);
		const tally = new Tally({
			area: 'Input',
			fault: 'A manifest with changed bytes or fields',
			provoked: 'put beside its good file: list, verify, and the dry run of a restore',
			promised: 'the other backups are listed; its own is refused by a code, or is what it tells of',
		});
		const property = fc.asyncProperty(fc.nat(), async (nth) => {
			const random = seededRandom(nth);
			await two.put(below(random, 2) === 0 ? mutate(two.bytes, random) : encodeManifest(otherwise(manifest, random)));
			const { backups } = await two.list();
			expect(backups.map(({ id }) => id)).toEqual([two.newer, two.older]);
			expect(backups.slice(1)).toEqual(others);
			const codes = [await codeOf(two.verify), await codeOf(two.plan)];
			expect(['done done', 'BACKUP_DAMAGED BACKUP_DAMAGED', 'MANIFEST_INVALID MANIFEST_INVALID']).toContain(
				codes.join(' '),
			);
			expect(await two.everything()).toEqual(before);
			if (codes[0] === 'done') expect((await two.verify()).verified.trailer.sha256).toBe(manifest.digest);
			tally.add(codes[0] === 'done' ? 'exact' : 'refused');
		});
		await fc.assert(property, { seed, numRuns: casesOf(150, 5_000), endOnFailure: true });
		tally.expectSound();
	});
});

describe('a hostile manifest', () => {
	const workspace = Workspace.forFile();
	const heap = { NODE_OPTIONS: '--max-old-space-size=1024' };
	const filled = (before: string, unit: string, after: string) =>
		Buffer.concat([Buffer.from(before), Buffer.alloc(MAX_MANIFEST_BYTES - 100, unit), Buffer.from(after)]);

	it.each<[string, () => Buffer]>([
		['of brackets alone', () => filled('', '[', '')],
		['of millions of empty tables', () => filled('{"manifest":1,"tables":[', '{},', '{}]}')],
		['of millions of numbers', () => filled('{"manifest":1,"only":[', '1,', '1]}')],
		['of millions of unknown fields', () => filled('{"manifest":1,"x":{', '"":1,', '"":1}}')],
		['of one long string', () => filled('{"manifest":1,"id":"', 'x', '"}')],
		['that is longer than any', () => Buffer.concat([filled('', ' ', ''), Buffer.alloc(200, ' ')])],
		['that is empty', () => Buffer.alloc(0)],
		['of a byte order mark', () => Buffer.from('\ufeff{}')],
		['of another backup', () => Buffer.from('{"manifest":1,"id":"../../x"}')],
	])('%s hides no other, and takes no more memory than there is', async (what, make) => {
		if ((await workspace.files()).includes('backups') === false) await workspace.run('backup-turso', ['--write']);
		const broken = 'backup-20300101T000000Z-0000';
		const bytes = make();
		await writeFile(workspace.path('backups/shop.db', `${broken}.json`), bytes);
		const run = await workspace.run('list-backups', ['--json'], heap);
		expect([run.exit, run.stderr], what).toEqual([0, '']);
		const [first, ...others] = run.json().backups;
		expect(first).toMatchObject({ id: broken, error: { code: 'MANIFEST_INVALID' } });
		expect(others).toHaveLength(1);
		const beside = workspace.path('x.json');
		await writeFile(workspace.path('x.ndjson.gz'), '');
		await writeFile(beside, bytes);
		const verified = await workspace.run('verify-backup', ['./x.ndjson.gz', '--json'], heap);
		expect([verified.exit, verified.json().error.code]).toEqual([4, 'MANIFEST_INVALID']);
	});

	it('that is a folder, or without end, is refused', async () => {
		await writeFile(workspace.path('a.ndjson.gz'), '');
		await mkdir(workspace.path('a.json'));
		await writeFile(workspace.path('b.ndjson.gz'), '');
		await symlink('/dev/zero', workspace.path('b.json'));
		await writeFile(workspace.path('c.ndjson.gz'), '');
		await writeFile(workspace.path('c.json'), '');
		await truncate(workspace.path('c.json'), 2 ** 40);
		for (const name of ['a', 'b', 'c']) {
			const run = await workspace.run('verify-backup', [`./${name}.ndjson.gz`, '--json']);
			expect([run.exit, run.json().error.code, run.stderr], name).toEqual([4, 'MANIFEST_INVALID', '']);
		}
	});
});
