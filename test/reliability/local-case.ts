import { toLifeboatError } from '../../lib/core/errors';
import type { SkippingContext } from '../support/skipping-context';
import type { Outcome, Tally } from '../support/tally';
import { type LocalScene, MomentContext } from './local-scene';
import { expectNamed, Unsound } from './unsound';

/** Past the lease of any run, in ms. */
const LEASE_MS = 400_000;

/** A run whose folder goes wrong, and the next one, when it is mended. */
export interface LocalCase {
	readonly title: string;
	/** The folder for backups. */
	readonly folder: string;
	readonly context: SkippingContext;
	readonly mend: () => void | Promise<void>;
	/** Nothing could be deleted either: what was there when it went wrong may stay. */
	readonly mayLitter?: boolean;
	/** The fault itself takes away what was there. */
	readonly loses?: boolean;
}

/** Runs a case, and adds what came of it to the tally; a case that is not sound is pushed onto `unsound`. */
export async function tryLocalCase(scene: LocalScene, it: LocalCase, tally: Tally, unsound: string[]): Promise<void> {
	const ran = await scene.nightly(it.folder, it.context).then(
		(result) => ({ result, error: null }),
		(error: unknown) => ({ result: null, error }),
	);
	if (it.context instanceof MomentContext) it.context.isArmed = false;
	try {
		await it.mend();
		tally.add(await judge(scene, ran, it));
		const had = (await scene.filesOf(it.folder)).some((file) => file.endsWith('.json'));
		it.context.pass(LEASE_MS);
		const next = await scene.nightly(it.folder, it.context);
		if (next.status !== (had ? 'skipped' : 'done')) throw new Unsound('wrong', `the next run was ${next.status}`);
		if (!had) await scene.expectBackup(it.folder);
		if (!it.loses) await scene.expectYesterday(it.folder);
	} catch (error) {
		tally.add(error instanceof Unsound ? error.outcome : 'wrong');
		unsound.push(`${it.title}: ${ran.result?.status ?? toLifeboatError(ran.error).code}, ${error}`);
	}
}

async function judge(
	scene: LocalScene,
	{ result, error }: { result: unknown; error: unknown },
	{ folder, mayLitter = false, loses = false }: LocalCase,
): Promise<Outcome> {
	if (!loses) await scene.expectYesterday(folder);
	const left = await scene.filesOf(folder);
	if (result !== null) {
		// What was taken away after it was done is not to be found.
		if (!loses || left.length > 0) await scene.expectBackup(folder);
		return 'exact';
	}
	expectNamed(error);
	const { path, folder: where, lease } = error.data;
	if ((path ?? where ?? lease) === undefined && !loses) throw new Unsound('wrong', `no path: ${error.message}`);
	if (left.some((file) => file.endsWith('.json'))) throw new Unsound('wrong', `there is a manifest: ${left}`);
	if (left.length > 0 && !mayLitter) throw new Unsound('wrong', `${left} is left over, after ${error.message}`);
	return 'refused';
}
