import { LifeboatError } from '../core/errors';
import { printable } from '../core/printable';
import { formatBytes, formatCount } from '../core/quantities';
import type { MediaChecked, MediaFinding } from '../jobs/media/check';
import type { MediaMirrored, MirroredBlob } from '../jobs/media/mirror';
import type { MediaRelinked, RelinkedBlob } from '../jobs/media/relink';

/** Entries of a list in `--json`; the counts tell of all. */
const MOST_LISTED = 1_000;

/** Hands the entries of a long list on: as lines, at once, or gathered for `--json`. */
export function listEntries<T>(
	{ isJson, write }: { readonly isJson: boolean; write(text: string): Promise<void> },
	lineOf: (entry: T) => string,
): { readonly entries: T[]; take(entry: T): Promise<void> } {
	const entries: T[] = [];
	return {
		entries,
		async take(entry) {
			if (!isJson) await write(`${printable(lineOf(entry), 'line')}\n`);
			else if (entries.length < MOST_LISTED) entries.push(entry);
		},
	};
}

/** A line about a blob that is not as rows have it. */
export function showFinding(finding: MediaFinding): string {
	const { kind, pathname } = finding;
	if (kind === 'unknown') return `unknown    ${pathname}  (${formatBytes(finding.bytes)})`;
	const tables = [...new Set(finding.rows.map(({ table }) => table))].join(', ');
	return `${kind === 'missing' ? 'MISSING  ' : 'elsewhere'}  ${pathname}  (${tables})`;
}

/** What a check came to. */
export function showChecked({ what, where, rows, others, ...counts }: MediaChecked): string {
	return [
		`${formatCount(rows)} rows of ${what}, held against ${where}`,
		`${formatCount(counts.present)} blobs are there, ${formatCount(counts.missing)} missing, ${formatCount(counts.elsewhere)} named by the URL of another store, ${formatCount(counts.unknown)} in no row; ${formatCount(others)} rows name no blob`,
	].join('\n');
}

/** The failure of a check, or of a relink, that leaves blobs missing; undefined if none is. */
export function missingError(count: number, hint: string): LifeboatError | undefined {
	if (count === 0) return undefined;
	return new LifeboatError('MEDIA_MISSING', `${formatCount(count)} blobs that rows name are in no store`, {
		hint,
		data: { missing: count },
	});
}

const ACTIONS: Readonly<Record<RelinkedBlob['action'], string>> = {
	upload: 'upload',
	relink: 'relink',
	lost: 'LOST  ',
};

/** A line about a blob that is brought back. */
export function showRelinkedBlob({ action, pathname, url }: RelinkedBlob): string {
	return `${ACTIONS[action]}  ${pathname}${url === null ? '' : `  ${url}`}`;
}

/** What a relink came to. */
export function showRelinked({ database, where, mirror, isDone, ...counts }: MediaRelinked): string {
	const { uploaded, relinked, lost, updated } = counts;
	if (uploaded + relinked + lost === 0) return `nothing to do: ${where} has all that ${database} names`;
	const will = isDone ? '' : 'would be ';
	return [
		`${formatCount(uploaded)} ${will}uploaded from ${mirror} to ${where}, ${formatCount(relinked)} ${will}relinked, ${formatCount(lost)} in neither`,
		isDone
			? `${formatCount(updated)} URLs updated in ${database}`
			: `a dry run of ${database}: nothing was written; --confirm does it`,
	].join('\n');
}

/** A line about a blob that a mirror lacks. */
export function showMirroredBlob({ state, pathname, bytes, error }: MirroredBlob): string {
	if (error !== null) return `FAILED   ${pathname}  ${error.message}`;
	return `${state === 'new' ? 'new    ' : 'changed'}  ${pathname}  (${formatBytes(bytes)})`;
}

/** What mirroring came to. */
export function showMirrored({ where, mirror, blobs, isDone, ...counts }: MediaMirrored): string {
	const { added, changed, failed, bytes } = counts;
	const found = `${formatCount(blobs)} blobs in ${where}`;
	if (added + changed + failed === 0) return `${found}; ${mirror} has them all`;
	const copied = `${formatCount(added)} new and ${formatCount(changed)} changed ${isDone ? 'copied' : 'to copy'} to ${mirror} (${formatBytes(bytes)})`;
	const next = isDone ? [] : ['a dry run: nothing was copied; --confirm copies'];
	return [`${found}; ${copied}, ${formatCount(failed)} failed`, ...next].join('\n');
}
