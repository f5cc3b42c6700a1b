import { ident } from '../../lib/engine/libsql/sql';
import { backupFile, type WrittenTable } from './backup-file';
import { below, mutate, pick } from './mutate';

/** Cells of one spelling, which a column without a type takes as they are: the hard ones among them. */
const EXACT = [
	...'null 0 -1 1 9223372036854775807 -9223372036854775808 9007199254740993 1.0 -0.0 0.0 9e999 -9e999'.split(' '),
	...'1.7976931348623157e+308 9007199254740992.0 "" "1" "1.0" "1e3" "0x10" "-0" "null" "{\\"b\\":\\"00\\"}"'.split(' '),
	...'"\\u0000" "a\\u0000b" "\\u0000\\u0000" "\ufeff" "\ufffe" "\uffff" "\ufffd" "🚀" "\x7f" "\u2028" "$[0]"'.split(
		' ',
	),
	...'"%s%n" "__proto__" "[1]" {"b":""} {"b":"00"} {"b":"FF"} {"b":"5B315D"} {"b":"7B7D"} {"t":"FF"} {"t":"C0AF"}'.split(
		' ',
	),
	...'{"t":"EDA080"} {"t":"F09F"} {"t":"61FF00"} {"t":"FFFE"} {"t":"F4908080"} {"t":"00FF"}'.split(' '),
	'" 1 "',
];
/** Those that a database would spell in another way, or make something else of. */
const STRANGE =
	'{"t":""} {"t":"00"} {"t":"61"} {"t":"31"} {"t":"EFBFBF"} 1e-400 0e0 1.5e0 0.10000000000000000000 5e-324'
		.split(' ')
		.concat(
			'1.7976931348623159e308 9007199254740993.0 1e5 -0e0 123456789012345678901234567890.0 1e99999999'.split(' '),
		);
const LONG = [
	`"${'x'.repeat(70_000)}"`,
	`{"b":"${'00'.repeat(70_000)}"}`,
	`{"t":"${'FF'.repeat(70_000)}"}`,
	`"${'é'.repeat(600_000)}"`,
];

const NAMES = [
	't',
	'a',
	'',
	' ',
	'"',
	"'",
	'`',
	']',
	'[x]',
	'--',
	'/*',
	';',
	'é',
	'🚀',
	'a\0b',
	'\0',
	'rowid',
	'ROWID',
	'oid',
].concat([
	'sqlite_x',
	'sqlite_sequence',
	'select',
	'__proto__',
	'constructor',
	'temp',
	'x'.repeat(3_000),
	'../x',
	'lifeboat',
	'%s',
	'?1',
	'é\u0301',
]);

const TYPES = ['', 'INTEGER', 'INT', 'TEXT', 'REAL', 'BLOB', 'NUMERIC', 'ANY', 'F32_BLOB(3)', 'DATETIME', 'VARCHAR(2)'];
const RULES = [
	'',
	'',
	'',
	'',
	' NOT NULL',
	' UNIQUE',
	' PRIMARY KEY',
	' COLLATE NOCASE',
	' DEFAULT 5',
	' CHECK (length(a) > 0)',
].concat([
	' CHECK (a)',
	' AS (1)',
	' AS (b || 1) STORED',
	' NOT NULL ON CONFLICT REPLACE',
	' REFERENCES t(a)',
	' CHECK (1/0)',
	" CHECK (json_extract('{}', a) IS NULL)",
	" AS (json_extract('{}', b))",
	' CHECK (vector32(a) IS NOT NULL)',
	' CHECK (a LIKE b ESCAPE b)',
	' PRIMARY KEY ON CONFLICT IGNORE',
]);
const OPTIONS = ['', '', '', ' STRICT', ' WITHOUT ROWID', ' STRICT, WITHOUT ROWID'];
const OBJECTS = [
	{ type: 'index', sql: 'CREATE INDEX o ON t(a)' },
	{ type: 'index', sql: 'CREATE UNIQUE INDEX o ON t(a, b)' },
	{ type: 'index', sql: "CREATE INDEX o ON t(json_extract(a, '$.x'))" },
	{ type: 'index', sql: "CREATE INDEX o ON t(json_extract('{}', a))" },
	{ type: 'index', sql: 'CREATE INDEX o ON t(vector32(a))' },
	{ type: 'index', sql: 'CREATE INDEX o ON t(libsql_vector_idx(a))' },
	{ type: 'index', sql: 'CREATE INDEX o ON t(a || b) WHERE b IS NOT NULL' },
	{ type: 'view', sql: 'CREATE VIEW o AS SELECT a, b FROM t' },
	{
		type: 'view',
		sql: 'CREATE VIEW o AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c',
	},
	{ type: 'trigger', sql: 'CREATE TRIGGER o AFTER INSERT ON t BEGIN DELETE FROM t; END' },
	{ type: 'trigger', sql: "CREATE TRIGGER o BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'no'); END" },
];

/**
 * A backup whose counts and digests are right, and whose rows, names and SQL are what chance makes of what could do
 * harm: to be restored exactly, or refused.
 */
export function hostileBackup(random: () => number): Buffer {
	const tables = Array.from({ length: 1 + below(random, 2) }, (_, nth) => hostileTable(random, nth));
	const object = pick(random, OBJECTS);
	const objects =
		random() < 0.3
			? [{ ...object, name: 'o', table: object.type === 'view' ? 'o' : 't', sql: sqlOf(object.sql, random) }]
			: [];
	const header = random() < 0.1 ? { encoding: pick(random, ['UTF-16le', 'UTF-16be']) } : {};
	return backupFile({ header, tables, objects });
}

function hostileTable(random: () => number, nth: number): WrittenTable {
	const name = nth === 0 && random() < 0.8 ? 't' : `${pick(random, NAMES)}${nth === 0 ? '' : ' 2'}`;
	const first = random() < 0.8 ? ['a', 'b'] : [pick(random, NAMES), 'b'];
	const columns = random() < 0.1 ? [...first, ...Array.from({ length: below(random, 300) }, (_, n) => `c${n}`)] : first;
	const chance = (list: readonly string[]) => (random() < 0.85 ? '' : pick(random, list));
	const defined = columns.map((column, at) => `${ident(column)} ${chance(TYPES)}${at < 2 ? chance(RULES) : ''}`);
	const options = chance(OPTIONS);
	const sql = sqlOf(`CREATE TABLE ${ident(name)}(${defined.join(', ')})${options}`, random);
	// A generated column has no cell.
	const stored = columns.filter((_, at) => !/ AS \(/.test(defined[at] as string));
	const isKeyed = options.includes('WITHOUT') || defined.some((one) => one.includes('INTEGER PRIMARY KEY'));
	const hasRowid = random() < 0.98 !== isKeyed && !columns.some((column) => /^rowid$/i.test(column));
	const rows = Array.from({ length: below(random, 12) }, (_, at) => {
		const rowid = random() < 0.98 ? String(at) : pick(random, EXACT);
		return `[${[...(hasRowid ? [rowid] : []), ...stored.map(() => cellOf(random))].join(',')}]`;
	});
	const open = stored.length > 0 ? { columns: stored, rows } : { columns: ['a'], rows: [] };
	return { name, sql, ...open, ...(hasRowid ? { rowid: 'rowid' } : {}) };
}

function cellOf(random: () => number): string {
	const chance = random();
	return pick(random, chance < 0.005 ? LONG : chance < 0.015 ? STRANGE : EXACT);
}

function sqlOf(sql: string, random: () => number): string {
	return random() < 0.85 ? sql : mutate(Buffer.from(sql), random).toString('utf8');
}
