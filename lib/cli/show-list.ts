import type { BackupList } from '../jobs/list';
import { formatBytes } from './quantities';
import { formatTable, type TableColumn } from './table';

/** A table of backups; which stores have each, where several were asked. */
export function showList({ where, stores, backups }: BackupList): string {
	if (backups.length === 0) return `no backups in ${where}`;
	const rows = backups.map((listed) => {
		const into = stores > 1 ? [listed.stores.join(', ')] : [];
		if (!('summary' in listed)) return [listed.id, null, null, null, null, ...into, listed.error.message];
		const { id, rows, bytes, proof, trigger, label, omittedRows, recipients } = listed.summary;
		const remarks = [
			label,
			recipients.length > 0 ? 'sealed' : null,
			omittedRows > 0 ? `LACKS ${omittedRows} rows` : null,
		].filter((remark) => remark !== null);
		return [id, rows, formatBytes(bytes), proof, trigger, ...into, remarks.join('; ')];
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
