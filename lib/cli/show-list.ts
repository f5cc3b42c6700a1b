import type { Listed } from '../jobs/list';
import { formatBytes } from './quantities';
import { formatTable } from './table';

/** A table of backups. */
export function showList(where: string, backups: readonly Listed[]): string {
	if (backups.length === 0) return `no backups in ${where}`;
	const rows = backups.map((listed) => {
		if (!('summary' in listed)) return [listed.id, null, null, null, null, listed.error.message];
		const { id, rows, bytes, proof, trigger, label, omittedRows, recipients } = listed.summary;
		const remarks = [
			label,
			recipients.length > 0 ? 'sealed' : null,
			omittedRows > 0 ? `LACKS ${omittedRows} rows` : null,
		].filter((remark) => remark !== null);
		return [id, rows, formatBytes(bytes), proof, trigger, remarks.join('; ')];
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
