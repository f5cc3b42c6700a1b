import { formatBytes } from '../core/quantities';
import type { BackupList } from '../jobs/list';
import { formatTable, type TableColumn } from './table';

/** A table of backups; which stores have each, where several were asked. */
export function showList({ where, stores, backups }: BackupList): string {
	if (backups.length === 0) return `no backups in ${where}`;
	const rows = backups.map((listed) => {
		const into = stores > 1 ? [listed.stores.join(', ')] : [];
		const held = listed.hold && `HELD: ${listed.hold.reason}`;
		if (!('summary' in listed)) return [listed.id, null, null, null, null, ...into, join([held, listed.error.message])];
		const { id, rows, bytes, proof, trigger, label, omittedRows, recipients } = listed.summary;
		const sealed = recipients.length > 0 ? 'sealed' : null;
		const lacks = omittedRows > 0 ? `LACKS ${omittedRows} rows` : null;
		const gone = listed.hasData ? null : 'ITS DATA IS GONE';
		return [id, rows, formatBytes(bytes), proof, trigger, ...into, join([label, held, sealed, lacks, gone])];
	});
	const columns: TableColumn[] = [
		{ heading: 'backup' },
		{ heading: 'rows', align: 'right' },
		{ heading: 'stored', align: 'right' },
		{ heading: 'proof' },
		{ heading: 'by' },
		...(stores > 1 ? [{ heading: 'in' }] : []),
		{ heading: 'remarks' },
	];
	return `${formatTable(columns, rows)}\n\nin ${where}`;
}

function join(remarks: readonly (string | null)[]): string {
	return remarks.filter((remark) => remark !== null).join('; ');
}
