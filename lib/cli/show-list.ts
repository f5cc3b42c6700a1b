import type { Listed } from '../jobs/list';
import { formatBytes } from './quantities';
import { formatTable } from './table';

/** A table of backups. */
export function showList(where: string, backups: readonly Listed[]): string {
	if (backups.length === 0) return `no backups in ${where}`;
	const rows = backups.map((listed) => {
		const held = listed.hold && `HELD: ${listed.hold.reason}`;
		if (!('summary' in listed)) return [listed.id, null, null, null, null, join([held, listed.error.message])];
		const { id, rows, bytes, proof, trigger, label, omittedRows } = listed.summary;
		const lacks = omittedRows > 0 ? `LACKS ${omittedRows} rows` : null;
		const gone = listed.hasData ? null : 'ITS DATA IS GONE';
		return [id, rows, formatBytes(bytes), proof, trigger, join([label, held, lacks, gone])];
	});
	const columns = [
		{ heading: 'backup' },
		{ heading: 'rows', align: 'right' },
		{ heading: 'stored', align: 'right' },
		{ heading: 'proof' },
		{ heading: 'by' },
		{ heading: 'remarks' },
	] as const;
	return `${formatTable(columns, rows)}\n\nin ${where}`;
}

function join(remarks: readonly (string | null)[]): string {
	return remarks.filter((remark) => remark !== null).join('; ');
}
