import { LifeboatError } from '../core/errors';
import type { Refusal, Snapshot } from '../engine/engine';
import type { TableClose, TableOpen } from '../format/records';
import type { Contents } from './contents';
import { emptyEncoded, encodeSnapshot, type Progress } from './encode-snapshot';
import type { Selection } from './selection';

/** One thing in which a restored database is not what the backup says, in words. */
export interface Difference {
	readonly object: string;
	readonly what: string;
}

export interface CompareOptions {
	/** What was restored. */
	readonly selection: Selection;
	/** Tables not compared besides. */
	readonly skip?: ReadonlySet<string>;
	/** What the target has refused, and so cannot have. */
	readonly refusals: readonly Refusal[];
	/** Compare the schema and pragmas too: of a database that was made from the backup alone. */
	readonly schema: boolean;
	readonly onProgress?: (progress: Progress) => void;
}

/**
 * Compares a restored database with the backup that it came from: each table's digest, computed by dumping it anew;
 * every schema object's verbatim SQL; the pragmas. Equal digests mean equal rows, bit for bit.
 */
export async function compareWithBackup(
	snapshot: Snapshot,
	contents: Contents,
	options: CompareOptions,
): Promise<Difference[]> {
	const refused = new Set(options.refusals.map(({ type, object }) => `${type} ${object}`));
	const differences: Difference[] = [];
	const { selection, skip } = options;
	const isCompared = (name: string) => !selection.skip.has(name) && !skip?.has(name) && !refused.has(`table ${name}`);
	const compared = contents.tables.filter(({ name }) => isCompared(name));
	const found = await digests(snapshot, new Set(compared.map(({ name }) => name)), options.onProgress);
	const opened = new Map(contents.opened.map((table) => [table.name, table]));
	const shapes = new Map(snapshot.tables.map((table) => [table.name, table]));
	for (const table of compared) {
		const what = tableDifference(table, found.get(table.name), opened.get(table.name), shapes.get(table.name));
		if (what !== null) differences.push({ object: table.name, what });
	}
	if (!options.schema) return differences;
	differences.push(...schemaDifferences(selection, snapshot, refused));
	for (const pragma of ['encoding', 'userVersion', 'applicationId'] as const) {
		const [wanted, is] = [contents.header?.[pragma], snapshot.pragmas[pragma]];
		const name = {
			encoding: 'PRAGMA encoding',
			userVersion: 'PRAGMA user_version',
			applicationId: 'PRAGMA application_id',
		}[pragma];
		if (wanted !== is && !refused.has(`pragma ${name}`))
			differences.push({ object: name, what: `is ${is}, was ${wanted}` });
	}
	return differences;
}

/** Differences told in an error. */
const SHOWN = 5;

/** `PROOF_FAILED` with the first of the differences, of which there is one at least. */
export function differencesError(
	what: string,
	differences: readonly Difference[],
	{ hint }: { readonly hint: string },
): LifeboatError {
	const some = differences.slice(0, SHOWN);
	const shown = some.map((one) => `${JSON.stringify(one.object)}: ${one.what}`);
	return new LifeboatError('PROOF_FAILED', `${what}: ${shown.join('; ')}`, {
		hint,
		data: { differences: differences.length, objects: some.map(({ object }) => object) },
	});
}

/** Dumps the tables to nowhere, for their digests. */
async function digests(
	snapshot: Snapshot,
	only: ReadonlySet<string>,
	onProgress: CompareOptions['onProgress'],
): Promise<Map<string, TableClose>> {
	const encoded = emptyEncoded();
	const header = {
		id: 'comparison',
		createdAt: new Date(0).toISOString(),
		source: { engine: '', version: '', location: '', fingerprint: '0'.repeat(64) },
	};
	for await (const _ of encodeSnapshot(snapshot, header, encoded, { only, onProgress }));
	return new Map(encoded.tables.map((table) => [table.name, table]));
}

type Shape = Pick<TableOpen, 'columns' | 'rowid'>;

function tableDifference(
	wanted: TableClose,
	is: TableClose | undefined,
	opened: Shape | undefined,
	shape: Shape | undefined,
): string | null {
	if (!is || !shape) return 'the table is missing';
	if (JSON.stringify(opened?.columns) !== JSON.stringify(shape.columns)) return 'its columns differ';
	if (is.rows !== wanted.rows) return `it has ${is.rows} rows, the backup ${wanted.rows}`;
	return is.sha256 === wanted.sha256 ? null : 'its rows differ from those of the backup';
}

function schemaDifferences(wanted: Selection, is: Snapshot, refused: ReadonlySet<string>): Difference[] {
	const key = ({ type, name }: { type: string; name: string }) => `${type} ${name}`;
	const there = new Map(is.schema.map((object) => [key(object), object]));
	const differences: Difference[] = [];
	for (const object of wanted.schema) {
		const found = there.get(key(object));
		there.delete(key(object));
		if (refused.has(key(object))) continue;
		// A module may spell the SQL of its own tables in another way each time.
		const isSame =
			object.role === 'shadow' ? is.sameMeaning(object.sql, found?.sql ?? null) : object.sql === found?.sql;
		if (!found) differences.push({ object: object.name, what: `the ${object.type} is missing` });
		else if (!isSame || found.table !== object.table)
			differences.push({ object: object.name, what: `the ${object.type}'s SQL differs` });
	}
	const roles = new Map(is.schema.map((object) => [object.name, object.role]));
	for (const object of there.values()) {
		const role = roles.get(object.table);
		if (role !== undefined && wanted.unasked.has(role)) continue;
		differences.push({ object: object.name, what: `the ${object.type} is not in the backup` });
	}
	return differences;
}
