import { fillTarget } from '../backup/fill-target';
import { newCounted, readBackup } from '../backup/read-backup';
import { selectParts } from '../backup/selection';
import type { Verified } from '../backup/verify-backup';
import { connect } from '../engine/libsql/connect';
import { isUncertain, type Misfits, misfitsOf, type Suspicion, suspect } from '../engine/libsql/script-misfits';
import { type Trial, tryRows } from '../engine/libsql/script-trial';
import type { FoundBackup } from './backup-source';
import { withDatabase } from './context';
import { openScratchFolder } from './scratch';

export interface MisfitOptions {
	readonly scratchDir: string;
	readonly allowFunctions: ReadonlySet<string>;
	readonly signal?: AbortSignal;
}

/**
 * By table, what a script has to do about rows that break their table's own definition. Tables of which only a database
 * can tell, such as those with a CHECK, are restored into a scratch database for it.
 *
 * @throws LifeboatError as a restore does; `SCRATCH_FULL`
 */
export async function findMisfits(
	found: FoundBackup,
	{ contents, rows }: Verified,
	options: MisfitOptions,
): Promise<ReadonlyMap<string, Misfits>> {
	const objects = new Map(
		contents.schema
			.filter(({ type, role }) => type === 'table' && role === 'table')
			.map((object) => [object.name, object]),
	);
	const suspicions = new Map<string, Suspicion>();
	for (const facts of rows) {
		const object = objects.get(facts.table.name);
		if (object) suspicions.set(facts.table.name, suspect(object, facts));
	}
	const trials = await tryInScratch(found, contents, suspicions, options);
	const misfits = new Map<string, Misfits>();
	for (const [name, suspicion] of suspicions) {
		const some = misfitsOf(name, suspicion, trials.get(name));
		if (some !== null) misfits.set(name, some);
	}
	return misfits;
}

async function tryInScratch(
	found: FoundBackup,
	contents: Verified['contents'],
	suspicions: ReadonlyMap<string, Suspicion>,
	{ scratchDir, allowFunctions, signal }: MisfitOptions,
): Promise<ReadonlyMap<string, Trial>> {
	const trials = new Map<string, Trial>();
	const tables = [...suspicions].filter(([, suspicion]) => isUncertain(suspicion)).map(([name]) => name);
	if (tables.length === 0) return trials;
	const scratch = await openScratchFolder(scratchDir, 0);
	const file = { kind: 'file', path: scratch.path } as const;
	try {
		await withDatabase(file, { signal, create: true, scratch: true }, async (database) => {
			const selection = selectParts(contents, { tables, skipTables: [], what: 'all' });
			const events = readBackup(await found.open(), newCounted(), { keys: found.keys });
			await fillTarget(events, await database.target(), { mode: 'create', selection, mark: null, allowFunctions });
		});
		const connection = await connect(file, { signal });
		try {
			for (const name of tables)
				trials.set(name, await tryRows(connection, name, suspicions.get(name)?.converting ?? []));
		} finally {
			connection.close();
		}
		return trials;
	} catch (error) {
		throw scratch.explain(error);
	} finally {
		await scratch.close();
	}
}
