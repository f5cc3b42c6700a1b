import { dataName, drillName, holdName, manifestName, mediaName, type Place } from '../../lib/backup/backup-id';
import { type DrillReport, encodeReport } from '../../lib/backup/drill-report';
import { type FailedRun, factsOfManifest, NO_CHECK } from '../../lib/backup/history';
import { writeHistory } from '../../lib/backup/history-store';
import { encodeManifest, isSealed, type Manifest } from '../../lib/backup/manifest';
import { systemClock } from '../../lib/core/clock';
import { Secret } from '../../lib/core/secret';
import { keepHistory, SeenManifests } from '../../lib/jobs/keep-history';
import { openVercelBlobStore } from '../../lib/store/vercel-blob';
import type { BlobServer } from '../support/blob-server';
import { intoFolder } from '../support/stored-backups';

const PLACE: Place = { prefix: 'backups', name: 'shop' };
const IN_COPY: Place = { prefix: '', name: 'shop' };

/** What a store is to hold. */
export interface Contents {
	/** Of the backups that are there. */
	readonly manifests: readonly Manifest[];
	/** Of those that were removed since, of which the summary tells. */
	readonly removed?: readonly Manifest[];
	readonly drills?: readonly DrillReport[];
	/** Reasons by id. */
	readonly holds?: Readonly<Record<string, string>>;
	/** Days on which a run failed, with its code. */
	readonly failures?: readonly FailedRun[];
	/** What else lies beside them, by the name after the last slash. */
	readonly beside?: Readonly<Record<string, unknown>>;
	/** The ids that the copy has. */
	readonly copied?: readonly string[];
	/** When the nightly job summed up last; null: never. */
	readonly summedUpAt: string | null;
}

/** Fills a Blob store, and the folder of its copy, as the jobs would have. What backups hold is not in them. */
export async function fillStore(blob: BlobServer, offsite: string, contents: Contents): Promise<void> {
	const { manifests, drills = [], holds = {}, beside = {}, copied = [] } = contents;
	const toCopy = intoFolder(offsite);
	// A folder that is a copy is there, if nothing is in it.
	await toCopy('shop/.keep', Buffer.from(''));
	for (const manifest of manifests) {
		const { id } = manifest;
		const at = new Date(manifest.proof.at);
		for (const [name, bytes] of objectsOf(PLACE, manifest)) await blob.place(name, bytes, at);
		if (copied.includes(id)) for (const [name, bytes] of objectsOf(IN_COPY, manifest)) await toCopy(name, bytes);
	}
	for (const report of drills) await blob.place(drillName(PLACE, report.id), encodeReport(report), new Date(report.at));
	for (const [id, reason] of Object.entries(holds)) {
		const at = '2026-11-02T09:30:00.000Z';
		await blob.place(holdName(PLACE, id), JSON.stringify({ hold: 1, reason, at }), new Date(at));
	}
	for (const [name, content] of Object.entries(beside))
		await blob.place(`backups/shop/${name}`, JSON.stringify(content));
	if (contents.summedUpAt !== null) await sumUp(blob, contents, contents.summedUpAt);
}

function objectsOf(place: Place, manifest: Manifest): [string, Buffer][] {
	const { id, mediaAssetInventory: media } = manifest;
	const all: [string, Buffer][] = [
		[dataName(place, id, isSealed(manifest)), Buffer.from('what it holds is of no matter here')],
		[manifestName(place, id), encodeManifest(manifest)],
	];
	if (media !== null) all.push([mediaName(place, id, isSealed(manifest)), Buffer.from('nor is this')]);
	return all;
}

/** Keeps the summary as the nightly job does, of a store that it has summed up each night before. */
async function sumUp(blob: BlobServer, contents: Contents, at: string): Promise<void> {
	const { manifests, removed = [], failures = [] } = contents;
	const all = [...manifests, ...removed];
	const days = all.map(({ createdAt }) => createdAt.slice(0, 10)).sort();
	const entries = removed.map((manifest) => ({ ...factsOfManifest(manifest), check: NO_CHECK }));
	const now = new Date(at);
	const context = { clock: { ...systemClock, now: () => now }, random: () => 0.5 };
	await blob.connect();
	const store = openVercelBlobStore({ token: new Secret(blob.token), ...context });
	try {
		const before = new Date(now.getTime() - 86_400_000).toISOString();
		entries.sort((one, other) => (one.id < other.id ? -1 : 1));
		await writeHistory(store, PLACE, { at: before, since: days[0] ?? null, entries, failures: [...failures] }, null);
		const log = (event: object) => {
			throw new Error(JSON.stringify(event));
		};
		const signal = new AbortController().signal;
		const config = { retention: { daily: 7, weekly: 5, monthly: 12, yearly: 7 } };
		const seen = new SeenManifests();
		for (const manifest of manifests) seen.see(manifest);
		await keepHistory({ store, place: PLACE, context, log, config, seen, signal });
	} finally {
		await store.close();
	}
}
