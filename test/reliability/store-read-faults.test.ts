import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../lib/backup/manifest';
import { EVERYTHING } from '../../lib/backup/selection';
import { listBackups } from '../../lib/jobs/list';
import { restoreBackup } from '../../lib/jobs/restore';
import { verify } from '../../lib/jobs/verify';
import type { BlobFault } from '../support/blob-faults';
import type { SkippingContext } from '../support/skipping-context';
import { casesOf, Tally } from '../support/tally';
import { spread } from './spread';
import { FAULTS } from './store-fault-kinds';
import { DAY, SMALL_DATABASE, StoreScene } from './store-scene';
import { newStepReader, type Step } from './store-steps';
import { expectNamed, Unsound } from './unsound';

const NAME = 'read';

let scene: StoreScene;
let manifest: Manifest;
beforeAll(async () => {
	scene = await StoreScene.start(SMALL_DATABASE);
	await scene.nightly(NAME, scene.newContext());
	manifest = await scene.expectBackup(NAME, DAY);
});
afterAll(() => scene.close());

/** Each way of reading a backup, and the SHA-256 of what it found. */
const JOBS: Readonly<Record<string, (context: SkippingContext) => Promise<string>>> = {
	verify: async (context) => {
		const options = { backup: 'latest', config: scene.config(NAME), cwd: scene.folder, drill: true };
		return (await verify(options, context)).verified.counted.storedSha256;
	},
	'restore, as a dry run': async (context) => {
		const to = `file:${join(scene.folder, 'not-there.db')}`;
		const parts = { parts: EVERYTHING, resume: false, allowFunctions: new Set<string>(), confirm: false, to };
		const job = { ...parts, backup: manifest.id, config: scene.config(NAME), cwd: scene.folder };
		return (await restoreBackup(job, context)).prepared.verified.counted.storedSha256;
	},
	list: async (context) => {
		const { backups } = await listBackups({ config: scene.config(NAME), limit: 10 }, context);
		const [listed] = backups;
		if (backups.length !== 1 || !listed) throw new Unsound('wrong', `${backups.length} backups are listed`);
		if ('error' in listed) throw listed.error;
		return listed.summary.sha256;
	},
};
const STEPS_OF_READING: readonly Step[] = ['list for the sweep', 'read a manifest', 'read the data back'];

interface ReadCase {
	readonly title: string;
	readonly job: string;
	/** Sets the fault; returns whether it has struck. */
	readonly strike: () => () => boolean;
	/** What comes can be told from damage only by the seal of the line that it came by, which is TLS's. */
	readonly isCorrupt: boolean;
}

describe('a read from the store', () => {
	it('goes wrong at any step of verify, restore and list', async () => {
		const cases: ReadCase[] = [];
		for (const job of Object.keys(JOBS))
			for (const step of STEPS_OF_READING)
				for (const { title, fault } of FAULTS)
					for (const times of [1, Number.POSITIVE_INFINITY]) {
						if (job === 'list' && (step === 'read the data back' || fault.kind === 'corrupt')) continue;
						if (job.startsWith('restore') && step === 'list for the sweep') continue;
						cases.push({
							title: `${job}, ${step}: ${title}, ${times === 1 ? 'once' : 'for ever'}`,
							job,
							isCorrupt: fault.kind === 'corrupt',
							strike() {
								const stepOf = newStepReader();
								let struck = 0;
								scene.proxy.strike((seen) => stepOf(seen) === step && ++struck > 0, fault, times);
								return () => struck > 0;
							},
						});
					}
		const tally = new Tally({
			area: 'Store',
			fault: 'a backup is read, and the store fails',
			provoked: 'each fault at the list, the manifest and the data, once and for ever, by verify, restore and list',
			promised: 'the right answer, or a failure that does not blame the backup',
		});
		await tryAll(spread(cases, casesOf(120, cases.length)), tally);
	}, 600_000);

	it('breaks off', async () => {
		const cases: ReadCase[] = [];
		for (const job of ['verify', 'restore, as a dry run'])
			for (const kind of ['cut', 'short', 'corrupt'] as const)
				for (const times of [1, 2, 99])
					cases.push({
						title: `${job}: ${kind}, ${times} times`,
						job,
						isCorrupt: kind === 'corrupt',
						strike() {
							const fault: BlobFault = { on: 'get', name: /ndjson/, kind, times };
							const before = scene.server.requests.get;
							scene.server.fault(fault);
							return () => scene.server.requests.get > before;
						},
					});
		const tally = new Tally({
			area: 'Store',
			fault: "a read of a backup's data breaks off",
			provoked: 'cut, ended early without a length, or with a bit turned, in the middle',
			promised: 'a named failure; half a backup is never taken for one',
		});
		await tryAll(cases, tally);
	});
});

async function tryAll(cases: readonly ReadCase[], tally: Tally): Promise<void> {
	const unsound: string[] = [];
	for (const { title, job, strike, isCorrupt } of cases) {
		scene.proxy.reset();
		scene.server.clearFaults();
		const isStruck = strike();
		try {
			const sha256 = await JOBS[job]?.(scene.newContext()).catch((error: unknown) => {
				if (error instanceof Unsound) throw error;
				expectNamed(error, { step: false });
				if (error.class === 'damaged' && !isCorrupt)
					throw new Unsound('wrong', `the backup is blamed: ${error.message}`);
				return null;
			});
			if (!isStruck()) throw new Unsound('wrong', 'the fault struck nothing');
			if (typeof sha256 === 'string' && sha256 !== manifest.object.sha256) throw new Unsound('undetected', sha256);
			tally.add(sha256 === null ? 'refused' : 'exact');
		} catch (error) {
			tally.add(error instanceof Unsound ? error.outcome : 'wrong');
			unsound.push(`${title}: ${error}`);
		}
	}
	expect(unsound).toEqual([]);
	tally.expectSound();
}
