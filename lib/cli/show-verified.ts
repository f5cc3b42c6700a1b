import { formatBytes, formatCount } from '../core/quantities';
import { shortRecipient } from '../jobs/summary';
import type { VerifyResult } from '../jobs/verify';
import { showCoverage } from './show-beside';
import { showOmissions } from './show-summary';
import { formatTable } from './table';

/** A backup that was found whole. */
export function showVerified({
	backup,
	where,
	hasManifest,
	recipients,
	coverage,
	verified,
	drill,
}: VerifyResult): string {
	const { contents, counted, trailer } = verified;
	const lines = [
		`whole    ${backup} (${where})`,
		`made     ${contents.header?.createdAt} from ${contents.header?.source.location}`,
		`holds    ${formatCount(trailer.tables)} tables, ${formatCount(trailer.rows)} rows, ${formatBytes(counted.plainBytes)}; stored ${formatBytes(counted.storedBytes)}`,
		`manifest ${hasManifest ? 'tells of this very file' : 'none beside it: the file was held against itself alone'}`,
	];
	if (recipients.length > 0) lines.push(`sealed   to ${recipients.map(shortRecipient).join(', ')}`);
	if (drill)
		lines.push(
			'drill    restored into a scratch database, and equal',
			...drill.notes.map((note) => `         ${note}`),
		);
	const columns = [{ heading: 'table' }, { heading: 'rows', align: 'right' }, { heading: 'sha256' }] as const;
	const table = formatTable(
		columns,
		contents.tables.map(({ name, rows, sha256 }) => [name, rows, sha256]),
	);
	return [...lines, ...showCoverage(coverage), '', table, ...showOmissions(...omissionsOf(verified))].join('\n');
}

/** The same for `--json`. */
export function verifiedData({
	backup,
	where,
	hasManifest,
	recipients,
	reading,
	coverage,
	verified,
	drill,
}: VerifyResult) {
	const { contents, counted, trailer } = verified;
	return {
		status: 'whole',
		backup,
		where,
		hasManifest,
		createdAt: contents.header?.createdAt,
		source: contents.header?.source,
		recipients,
		reading,
		coverage,
		rows: trailer.rows,
		tables: contents.tables.map(({ name, rows, omitted, sha256 }) => ({ name, rows, omitted, sha256 })),
		...counted,
		omissions: verified.omissions,
		drill,
	};
}

function omissionsOf({ contents, omissions }: VerifyResult['verified']): [number, string[]] {
	const rows = contents.tables.reduce((sum, { omitted }) => sum + omitted, 0);
	return [rows, omissions.slice(0, 20).map(({ table, row, reason }) => `${JSON.stringify(table)}, ${row}: ${reason}`)];
}
