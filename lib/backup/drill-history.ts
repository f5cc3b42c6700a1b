import { hasCode } from '../core/errors';
import type { Store } from '../store/store';
import { drillName, drillPrefix, type Place } from './backup-id';
import { type DrillReport, decodeReport, encodeReport, MAX_REPORT_BYTES } from './drill-report';
import { bodyOf, readSmall } from './small-object';

/** Reports that are kept: of a drill a month, eight years. */
export const MOST_REPORTS = 100;
/** Reports read at once. */
const AT_ONCE = 8;

/** Puts a report beside the manifests, and tells its name. */
export async function putReport(
	store: Store,
	place: Place,
	report: DrillReport,
	signal?: AbortSignal,
): Promise<string> {
	const name = drillName(place, report.id);
	await store.put(name, bodyOf(encodeReport(report)), { contentType: 'application/json', signal });
	return name;
}

/** Removes all but the newest {@link MOST_REPORTS}, and tells how many. Several at once do no harm to one another. */
export async function pruneReports(store: Store, place: Place, signal?: AbortSignal): Promise<number> {
	const old = (await namesOf(store, place, signal)).slice(0, -MOST_REPORTS);
	if (old.length > 0) await store.delete(old, { signal });
	return old.length;
}

/** The newest `limit` reports, newest first. One that cannot be read is left out: it hides no other. */
export async function readReports(
	store: Store,
	place: Place,
	limit: number,
	signal?: AbortSignal,
): Promise<DrillReport[]> {
	const names = (await namesOf(store, place, signal)).slice(-limit).reverse();
	const reports: DrillReport[] = [];
	for (let at = 0; at < names.length; at += AT_ONCE) {
		const some = await Promise.all(names.slice(at, at + AT_ONCE).map((name) => readReport(store, name, signal)));
		reports.push(...some.filter((report) => report !== null));
	}
	return reports;
}

async function readReport(store: Store, name: string, signal?: AbortSignal): Promise<DrillReport | null> {
	try {
		const found = await readSmall(store, name, MAX_REPORT_BYTES, signal);
		return found && decodeReport(found.content);
	} catch (error) {
		if (hasCode(error, 'MANIFEST_INVALID')) return null;
		throw error;
	}
}

/** The names of the reports, oldest first. */
async function namesOf(store: Store, place: Place, signal?: AbortSignal): Promise<string[]> {
	const names: string[] = [];
	const isReport = /\/drill-\d{8}T\d{6}Z-[0-9a-f]{4}\.json$/;
	for await (const { name } of store.list(drillPrefix(place), { signal })) if (isReport.test(name)) names.push(name);
	return names;
}
