import { formatCount } from '../core/quantities';
import type { MigrateResult } from '../jobs/migrate';
import { formatTable } from './table';

/** Every migration and its state, and what was done. */
export function showMigrate(result: MigrateResult, confirmed: boolean): string {
	const { tool, folder, database, plan, applied } = result;
	const done = new Map(applied.map((one) => [one.name, one]));
	const rows = plan.migrations.map(({ name, state }) => [
		name,
		done.has(name) ? 'applied now' : state,
		remark(result, name),
	]);
	return [
		`tool      ${tool}, ${folder}`,
		`database  ${database}`,
		...(result.backup ? [`backup    ${result.backup.id} (${result.backup.label}), in ${result.backup.place}`] : []),
		'',
		formatTable([{ heading: 'migration' }, { heading: 'state' }, { heading: 'remarks' }], rows),
		'',
		conclusion(result, confirmed),
	].join('\n');
}

/** The same for `--json`. */
export function migrateData(result: MigrateResult, confirmed: boolean) {
	const { tool, folder, database, plan, backup, applied } = result;
	return {
		status: confirmed ? (result.error ? 'stopped' : applied.length > 0 ? 'migrated' : 'nothing-to-do') : 'dry-run',
		tool,
		folder,
		database,
		migrations: plan.migrations,
		pending: plan.pending.map(({ migration, script, foreignKeysOff }) => ({
			name: migration.name,
			statements: script.statements.length,
			foreignKeys: foreignKeysOff ? 'off' : 'default',
		})),
		backup,
		applied,
	};
}

function remark({ plan, applied }: MigrateResult, name: string): string {
	const pending = plan.pending.find(({ migration }) => migration.name === name);
	const isUnchecked = applied.some((one) => one.name === name && !one.foreignKeysChecked);
	if (!pending) return '';
	return [
		`statements: ${formatCount(pending.script.statements.length)}`,
		...(pending.foreignKeysOff ? ['foreign keys off'] : []),
		...(isUnchecked ? ['foreign keys could NOT be checked afterwards'] : []),
	].join('; ');
}

function conclusion({ plan, applied, error }: MigrateResult, confirmed: boolean): string {
	const count = formatCount(plan.pending.length);
	if (confirmed && applied.length > 0) return `applied ${formatCount(applied.length)} of ${count} pending migrations`;
	if (error) return 'nothing was written';
	if (plan.pending.length === 0) return 'nothing to do: every migration is applied';
	return `a dry run: nothing was written; --confirm applies ${count}`;
}
