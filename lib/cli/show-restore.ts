import { formatBytes, formatCount, formatDurationMs } from '../core/quantities';
import type { RestoreJobResult } from '../jobs/restore';
import { showCoverage, showKeys } from './show-beside';
import { formatTable } from './table';

type Prepared = RestoreJobResult['prepared'];
type Plan = Prepared['plan'];

/** What a restore would do: the backup, the target, every guard's verdict, the tables and their rows. */
export function showPlan(result: Omit<RestoreJobResult, 'restored'>): string {
	const { plan, verified } = result.prepared;
	const header = verified.contents.header;
	const lines = [
		`backup   ${result.backup} (${result.where})`,
		`made     ${header?.createdAt} from ${header?.source.location}, ${formatBytes(verified.counted.storedBytes)} stored`,
		`target   ${result.target}`,
		...(result.estimate === null ? [] : [`takes    ${howLong(result.estimate)}`]),
		'',
		'guards',
		...plan.guards.map(({ name, ok, detail }) => `  ${ok ? 'ok     ' : 'REFUSED'}  ${name}: ${detail}`),
		...showKeys(result.keys),
		'',
		whatIsMade(plan),
		...plan.missing.map(
			({ table, refersTo }) =>
				`foreign keys of ${JSON.stringify(table)} need ${refersTo.map((name) => JSON.stringify(name)).join(', ')}, which is left out`,
		),
		'',
		formatTable(
			[{ heading: 'table' }, { heading: 'rows', align: 'right' }, { heading: '' }],
			plan.tables.map(({ name, rows, skipped }) => [name, rows, skipped ? 'left out' : '']),
		),
		...showCoverage(result.coverage),
	];
	return lines.join('\n');
}

/** What a restore has done. */
export function showRestored(result: RestoreJobResult): string {
	const { restored } = result;
	if (!restored) return 'nothing was written';
	const lines = [
		`restored ${formatCount(restored.tables)} tables, ${formatCount(restored.rows)} rows into ${result.target}; every digest is equal to the backup's`,
	];
	for (const { object, reason } of restored.refusals) lines.push(`NOT there: ${object}: ${reason}`);
	if (restored.foreignKeyViolations === null)
		lines.push('foreign keys were not checked: one refers to what is no key, as in the source');
	for (const { table, rows } of restored.foreignKeyViolations ?? [])
		lines.push(`foreign keys: ${formatCount(rows)} rows of ${JSON.stringify(table)} refer to no row, as in the source`);
	return lines.join('\n');
}

/** A plan or a restore for `--json`. */
export function restoreData(result: RestoreJobResult) {
	const { plan, verified } = result.prepared;
	return {
		status: result.restored ? 'restored' : 'dry-run',
		backup: result.backup,
		where: result.where,
		target: result.target,
		createdAt: verified.contents.header?.createdAt,
		source: verified.contents.header?.source.location,
		mode: plan.mode,
		guards: plan.guards,
		keys: result.keys,
		coverage: result.coverage,
		objects: plan.objects,
		tables: plan.tables,
		missing: plan.missing,
		resumes: plan.resumes,
		restored: result.restored,
		estimate: result.estimate,
	};
}

/** How long a restore takes, by the drills of the past. */
function howLong(estimate: NonNullable<RestoreJobResult['estimate']>): string {
	if ('unknown' in estimate) return `nobody knows (${estimate.unknown}): scripts/drill.ts measures it`;
	const { durationMs, drills, newestAt, unlike } = estimate;
	const by = drills === 1 ? 'a drill' : `${drills} drills, the last`;
	const rough = unlike.length === 0 ? '' : `; a rough guess, of another ${unlike.join(', ')}`;
	return `about ${formatDurationMs(durationMs)}, by ${by} of ${newestAt.slice(0, 10)}${rough}`;
}

function whatIsMade(plan: Plan): string {
	if (plan.resumes) return 'goes on with the restore that stopped';
	if (plan.mode === 'adopt') return 'rows only, into the tables that are there';
	const { table, index, view, trigger } = plan.objects;
	return `makes ${formatCount(table)} tables, ${formatCount(index)} indexes, ${formatCount(view)} views, ${formatCount(trigger)} triggers`;
}
