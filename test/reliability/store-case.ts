import { toLifeboatError } from '../../lib/core/errors';
import type { JobContext } from '../../lib/jobs/context';
import type { FaultProxy, SeenRequest, WireFault } from '../support/fault-proxy';
import { SkippingContext } from '../support/skipping-context';
import type { Outcome, Tally } from '../support/tally';
import { type Before, DAY, type StoreScene } from './store-scene';
import { newStepReader, type Step } from './store-steps';
import { expectNamed, Unsound } from './unsound';

/** Past the lease of any run, in ms. */
const LEASE_MS = 400_000;

/** A fault, and the requests of a run that it strikes: by what they are for, or by their number, from 1. */
export interface CaseFault {
	readonly when: (step: Step, nth: number) => boolean;
	readonly fault: WireFault;
	/** How many of them; all of them if it is not told. */
	readonly times?: number;
}

/** One run under faults, and the next one without. */
export interface StoreCase {
	/** For people: told when it comes out wrong. */
	readonly title: string;
	readonly before?: Before;
	readonly faults: readonly CaseFault[];
	/** The job's context, where time must pass as it does. */
	readonly context?: JobContext;
	/** Until the process is to be ended, in ms. */
	readonly remainingMs?: number;
}

/** Runs a case, and adds what came of it to the tally; a case that is not sound is pushed onto `unsound`. */
export async function tryCase(scene: StoreScene, it: StoreCase, tally: Tally, unsound: string[]): Promise<void> {
	const name = await scene.newName(it.before);
	const context = it.context ?? scene.newContext();
	const struck = strike(scene.proxy, name, it.faults);
	const remainingMs = it.remainingMs ?? 300_000;
	const deadlineMs = context.clock.now().getTime() + remainingMs;
	const ran = await scene.nightly(name, context, remainingMs).then(
		(result) => ({ result, error: null }),
		(error: unknown) => ({ result: null, error }),
	);
	const endedMs = context.clock.now().getTime();
	struck.over();
	try {
		if (endedMs > deadlineMs) throw new Unsound('wrong', 'it ended after its deadline');
		if (struck.steps.size === 0) throw new Unsound('wrong', 'the fault struck nothing');
		tally.add(await judge(scene, name, ran, struck.steps.has('delete')));
		await expectNext(scene, name, context instanceof SkippingContext ? context : scene.newContext());
	} catch (error) {
		tally.add(error instanceof Unsound ? error.outcome : 'wrong');
		const came = ran.result?.status ?? toLifeboatError(ran.error).code;
		unsound.push(`${it.title}: ${came}, ${error}`);
	}
	await scene.forget(name);
}

/** Sets the faults for one database's requests, until they are over; `steps` are those that were struck. */
export function strike(proxy: FaultProxy, name: string, faults: readonly CaseFault[]) {
	const steps = new Set<Step>();
	const read = newStepReader();
	let isOver = false;
	let last: { request: SeenRequest; step: Step; nth: number } | null = null;
	for (const { when, fault, times = Number.POSITIVE_INFINITY } of faults)
		proxy.strike(
			(request) => {
				if (isOver || !isOf(name, request)) return false;
				// Each fault is asked about each request; it is counted once.
				if (last?.request !== request) last = { request, step: read(request), nth: (last?.nth ?? 0) + 1 };
				const isStruck = when(last.step, last.nth);
				if (isStruck) steps.add(last.step);
				return isStruck;
			},
			fault,
			times,
		);
	return {
		steps,
		over: () => {
			isOver = true;
		},
	};
}

/** A name is a whole segment of what a request speaks of, in its path, its query or its body. */
function isOf(name: string, { path, body }: SeenRequest): boolean {
	const text = `${decodeURIComponent(path)} ${body.length < 10_000 ? body.toString() : ''}`;
	return text.includes(`backups/${name}/`);
}

async function judge(
	scene: StoreScene,
	name: string,
	{ result, error }: { result: unknown; error: unknown },
	isDeletionStruck: boolean,
): Promise<Outcome> {
	await scene.expectYesterday(name);
	const left = scene.filesOf(name).filter((file) => !file.includes('dead'));
	if (result !== null) {
		await scene.expectBackup(name, DAY);
		if (left.length !== 2) throw new Unsound('wrong', `more than one backup is left: ${left}`);
		return 'exact';
	}
	expectNamed(error);
	const { mayBeDone, step } = error.data;
	const mayCome = mayBeDone === true || (error.code === 'DEADLINE_NEAR' && step === 'writing the manifest');
	// The store went away for good after it had the manifest: the backup is there, and whole.
	if (left.some((file) => file.endsWith('.json'))) {
		if (!mayCome) throw new Unsound('wrong', `said to have failed, and there is a manifest: ${left}`);
		await scene.expectBackup(name, DAY);
		return 'refused';
	}
	// A manifest that may still come must find its data.
	if (left.length > 0 && !mayCome && !isDeletionStruck) throw new Unsound('wrong', `${left} is left over`);
	return 'refused';
}

/** Whatever happened, the next run has the one backup of the day. */
async function expectNext(scene: StoreScene, name: string, context: SkippingContext): Promise<void> {
	const had = scene.filesOf(name).some((file) => file.endsWith('.json'));
	// Of a large one, one look is enough.
	if (had && scene.isLarge) return;
	context.pass(LEASE_MS);
	const next = await scene.nightly(name, context);
	if (next.status !== (had ? 'skipped' : 'done')) throw new Unsound('wrong', `the next run was ${next.status}`);
	if (!had) await scene.expectBackup(name, DAY);
	await scene.expectYesterday(name);
}
