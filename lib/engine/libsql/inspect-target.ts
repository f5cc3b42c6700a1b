import type { TargetState } from '../engine';
import type { Connection } from './connect';
import { readMark } from './restore-mark';
import { openSnapshot } from './snapshot';
import { ident } from './sql';

/** Tables asked about in one query. */
const TABLES_A_QUERY = 50;
/** Tables that virtual tables and vector indexes keep for themselves, which have rows from the beginning. */
const BORN_WITH_ROWS = /_(data|config|node|stat)$|^libsql_vector_meta_shadow$/;

/** Reads what stands in a target; see `Target.inspect`. */
export async function inspectTarget(connection: Connection): Promise<TargetState> {
	const unfinished = await readMark(connection);
	const snapshot = await openSnapshot(connection);
	await snapshot.close();
	const roles = new Map(snapshot.schema.map(({ name, role }) => [name, role]));
	const tables: TargetState['tables'][number][] = [];
	for (let at = 0; at < snapshot.tables.length; at += TABLES_A_QUERY) {
		const some = snapshot.tables.slice(at, at + TABLES_A_QUERY);
		const isEmpty = ({ name }: { name: string }) => {
			const isOwn = roles.get(name) === 'shadow' || roles.get(name) === 'vector';
			return isOwn && BORN_WITH_ROWS.test(name) ? '0' : `EXISTS(SELECT 1 FROM ${ident(name)})`;
		};
		const sql = `SELECT ${some.map(isEmpty).join(', ')}`;
		const [row] = await connection.query(sql, [], 'looking whether the tables are empty');
		tables.push(...some.map((table, nth) => ({ ...table, empty: Number(row?.[nth]) === 0 })));
	}
	const { encoding, applicationId } = snapshot.pragmas;
	const [pages] = await connection.query('PRAGMA page_count');
	const encodingIsFixed = connection.kind === 'remote' || Number(pages?.[0]) > 0;
	return { encoding, encodingIsFixed, applicationId, objects: snapshot.schema, tables, unfinished };
}
