import { formatCount } from '../core/quantities';
import type { PruneResult } from '../jobs/prune';
import { formatTable } from './table';

/** Every backup, whether it is kept or removed, and why; then what was done. */
export function showPrune(result: PruneResult): string {
	const { where, plan } = result;
	const rows = [
		...plan.verdicts.map(({ backup, keep, reasons }) => [
			backup.id,
			keep ? 'keep' : 'REMOVE',
			reasons.map(({ rule, detail }) => (detail === null ? rule : `${rule} ${detail}`)).join(', '),
		]),
		...plan.unreadable.map(({ id, error }) => [id, 'keep', `unreadable: ${error.message}`]),
	];
	if (rows.length === 0) return `no backups in ${where}`;
	const table = formatTable([{ heading: 'backup' }, { heading: '' }, { heading: 'because' }], rows);
	return [table, '', `in ${where}`, conclusion(result)].join('\n');
}

/** The same for `--json`. */
export function pruneData({ where, plan, pruned }: PruneResult) {
	return {
		status: pruned ? 'pruned' : plan.refusal ? 'refused' : 'dry-run',
		where,
		backups: [
			...plan.verdicts.map(({ backup, keep, reasons }) => ({
				id: backup.id,
				createdAt: backup.createdAt.toISOString(),
				keep,
				reasons,
			})),
			...plan.unreadable.map(({ id, error }) => ({
				id,
				createdAt: null,
				keep: true,
				reasons: [{ rule: 'unreadable', detail: error.message }],
			})),
		],
		removed: pruned?.removed ?? [],
		refused: (pruned?.refused ?? []).map(({ id, error }) => ({ id, code: error.code, message: error.message })),
	};
}

function conclusion({ plan, pruned }: PruneResult): string {
	const kept = plan.unreadable.length + plan.verdicts.filter(({ keep }) => keep).length;
	const count = plan.unreadable.length + plan.verdicts.length - kept;
	if (pruned)
		return `removed ${formatCount(pruned.removed.length)} of ${formatCount(count)}, kept ${formatCount(kept)}`;
	if (count === 0) return `nothing to remove: all ${formatCount(kept)} are kept`;
	return `keep ${formatCount(kept)}, remove ${formatCount(count)}; nothing was removed${plan.refusal ? '' : ': --confirm does it'}`;
}
