import { leaseName, type Place } from '../backup/backup-id';
import { factsOfManifest, type ManifestFacts, NO_CHECK } from '../backup/history';
import { upToDate, withFailure } from '../backup/history-days';
import { readStoredHistory, writeHistory } from '../backup/history-store';
import type { Manifest } from '../backup/manifest';
import { readHistory } from '../backup/read-history';
import type { Config } from '../config/config';
import { startDeadline } from '../core/deadline';
import { hasCode, toLifeboatError } from '../core/errors';
import type { Store } from '../store/store';
import type { JobContext } from './context';
import { askWithin } from './store-limit';
import { tellMsOf } from './watch-run';

/** Keeping the summary takes no longer than this, in ms: making one anew reads every manifest. */
const KEEP_MS = 20_000;
/** Nor does noting a failure, at the end of a run whose time may be over. */
const NOTE_MS = 2_500;
/** Of that time, kept back for the answer, in ms. */
const ANSWER_MS = 500;

interface Where {
	readonly store: Store;
	readonly place: Place;
	readonly context: JobContext;
	log(event: Readonly<Record<string, unknown>>): void;
}

/** What the manifests say that a run has read or made, in a few facts of each. */
export class SeenManifests {
	readonly facts = new Map<string, ManifestFacts>();

	readonly see = (manifest: Manifest): void => {
		this.facts.set(manifest.id, factsOfManifest(manifest));
	};
}

export interface KeepOptions extends Where {
	readonly config: Pick<Config, 'retention'>;
	readonly seen: SeenManifests;
	readonly signal: AbortSignal;
}

/**
 * Brings the summary of all backups up to date, by the store's list and by the manifests, of which those that were seen
 * are not read again. It is an aid for whoever shows the backups: what it fails with is logged, and never thrown.
 */
export async function keepHistory({ store, place, context, log, config, seen, signal }: KeepOptions): Promise<void> {
	try {
		await askWithin(KEEP_MS, signal, (limited) =>
			againAtOdds(async () => {
				const { history, etag, there, unreadable } = await readHistory(store, place, {
					seen: seen.facts,
					signal: limited,
				});
				const before = [...seen.facts.values()].map((facts) => ({ ...facts, check: NO_CHECK }));
				const present = { entries: there, unreadable: new Set(unreadable.map(({ id }) => id)), before };
				const next = upToDate(history, present, context.clock.now(), config.retention?.daily ?? null);
				await writeHistory(store, place, next, etag, limited);
			}),
		);
	} catch (error) {
		log({ event: 'history.failed', error: toLifeboatError(error).code });
	}
}

export interface NoteOptions extends Where {
	readonly config: Config;
	readonly deadlineAt: number;
}

/**
 * Does a run, and notes in the summary on which day and with what code it failed, if it had begun: so that a day on which
 * one failed is told from one on which none came. The failure itself is thrown as ever.
 *
 * @param run calls `begun` when it has the lease
 */
export async function notingFailure<T>(
	options: NoteOptions,
	begun: () => void,
	run: (begun: () => void) => Promise<T>,
): Promise<T> {
	const startedAt = options.context.clock.now();
	let isBegun = false;
	try {
		return await run(() => {
			isBegun = true;
			begun();
		});
	} catch (error) {
		if (isBegun) await noteFailure(options, startedAt, toLifeboatError(error).code);
		throw error;
	}
}

async function noteFailure(options: NoteOptions, startedAt: Date, code: string): Promise<void> {
	const { store, place, context, log, config, deadlineAt } = options;
	const deadline = startDeadline(context.clock, deadlineAt, tellMsOf(config) + ANSWER_MS);
	const at = startedAt.toISOString();
	try {
		await askWithin(NOTE_MS, deadline.signal, (limited) =>
			againAtOdds(async () => {
				const { history, etag } = await readStoredHistory(store, place, limited);
				// A folder that was moved away in the midst of the run is not to be made anew.
				if (etag === null && (await store.head(leaseName(place), { signal: limited })) === null) return;
				const next = withFailure(history, { day: at.slice(0, 10), at, code });
				await writeHistory(store, place, next, etag, limited);
			}),
		);
	} catch (error) {
		log({ event: 'history.failed', error: toLifeboatError(error).code });
	} finally {
		deadline.stop();
	}
}

/** Reads and writes, once more if somebody else has written in between. */
async function againAtOdds(readAndWrite: () => Promise<void>): Promise<void> {
	try {
		await readAndWrite();
	} catch (error) {
		if (!hasCode(error, 'STORE_CHANGED', 'STORE_EXISTS')) throw error;
		await readAndWrite();
	}
}
