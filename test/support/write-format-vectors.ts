/**
 * Wrote the files in `test/format/vectors`, from nothing of `lib/`. Those files are the truth, and are kept as they are
 * for good: run this again only to add to them (`npx tsx test/support/write-format-vectors.ts`), and look at the diff.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = new URL('../format/vectors/', import.meta.url);

type Fields = Record<string, unknown>;
/** A line's text, its bytes, or a record whose counts and digest are to be filled in. */
type Line = string | Buffer | { readonly end: Fields } | { readonly trailer: Fields };
type Cell = readonly string[];

interface Table {
	readonly name: string;
	readonly columns: readonly string[];
	readonly rowid?: string;
	readonly omitted?: number;
	readonly rows: readonly (readonly Cell[])[];
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const json = (value: unknown) => JSON.stringify(value);

const HEADER = {
	kind: 'header',
	format: 1,
	id: '20261120T020000Z-7f3a',
	createdAt: '2026-11-20T02:00:00.000Z',
	source: { engine: 'libsql', version: '3.45.1', location: 'shop.example', fingerprint: sha256('shop.example') },
	encoding: 'UTF-8',
	userVersion: 7,
	applicationId: 0,
};
const header = (fields: Fields = {}) => json({ ...HEADER, ...fields });
const schema = (name: string, fields: Fields = {}) =>
	json({
		kind: 'schema',
		type: 'table',
		role: 'table',
		name,
		table: name,
		sql: `CREATE TABLE "${name}"(a, b)`,
		...fields,
	});
const open = (name: string, columns: unknown = ['a', 'b'], rowid: unknown = null) =>
	json({ kind: 'table', name, columns, rowid });
const omitted = (table: string, row: string) => json({ kind: 'omitted', table, row, reason: 'too long' });
const end = (name: string, fields: Fields = {}): Line => ({ end: { name, ...fields } });
const trailer = (fields: Fields = {}): Line => ({ trailer: fields });

/** The bytes of each line, newlines included, with the digests and counts that belong there. */
function build(lines: readonly Line[]): Buffer[] {
	const controls = createHash('sha256');
	let rows: Buffer[] = [];
	let [tables, all, omissions] = [0, 0, 0];
	return lines.map((line) => {
		let text: string | Buffer;
		if (typeof line === 'string' || Buffer.isBuffer(line)) text = line;
		else if ('end' in line) {
			const bytes = Buffer.concat(rows);
			const record = { name: '', rows: rows.length, omitted: omissions, bytes: bytes.length, sha256: sha256(bytes) };
			text = json({ kind: 'end', ...record, ...line.end });
			[tables, all, omissions, rows] = [tables + 1, all + rows.length, 0, []];
		} else text = json({ kind: 'trailer', tables, rows: all, sha256: controls.copy().digest('hex'), ...line.trailer });
		const bytes = Buffer.concat([Buffer.from(text), Buffer.from('\n')]);
		if (bytes[0] === 91) rows.push(bytes);
		else controls.update(bytes);
		if (bytes.toString().startsWith('{"kind":"omitted"')) omissions++;
		return bytes;
	});
}

const gzipMember = (bytes: Buffer) => gzipSync(bytes, { level: 1 });

/** A gzip member with the name of a file in its header. */
function withName(member: Buffer, name: string): Buffer {
	const head = Buffer.from(member.subarray(0, 10));
	head[3] = 8;
	return Buffer.concat([head, Buffer.from(`${name}\0`), member.subarray(10)]);
}

const index: Record<string, unknown> = {};

function write(name: string, bytes: Buffer, outcome: unknown): void {
	if (name in index) throw new Error(`two vectors named ${name}`);
	index[name] = outcome;
	if (existsSync(new URL(name, folder)) && !process.argv.includes('--overwrite')) return;
	writeFileSync(new URL(name, folder), bytes);
}

function valid(
	name: string,
	lines: readonly Line[],
	tables: readonly Table[],
	compress?: (file: Buffer) => Buffer,
): void {
	const file = Buffer.concat(build(lines));
	const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
	const expected = tables.map((table) => ({ rowid: null, omitted: 0, ...table }));
	const outcome = { valid: true, tables: expected, trailer: { tables: tables.length, rows } };
	write(`${name}.ndjson${compress ? '.gz' : ''}`, compress ? compress(file) : file, outcome);
}

/** One table with one section. */
function rowsOf(
	name: string,
	columns: string[],
	rows: readonly string[],
	cells: Cell[][],
	rowid: string | null = null,
): void {
	const lines = [header(), schema('t'), open('t', columns, rowid), ...rows, end('t'), trailer()];
	valid(name, lines, [{ name: 't', columns, ...(rowid ? { rowid } : {}), rows: cells }]);
}

/** The file is damaged at its line `line`, which is the `line`th of `lines`; `column` bytes into it. */
function damaged(name: string, lines: readonly Line[], line: number, column = 0): void {
	const built = build(lines);
	const offset = Buffer.concat(built.slice(0, line - 1)).length + column;
	write(`${name}.ndjson`, Buffer.concat(built), { valid: false, code: 'BACKUP_DAMAGED', line, offset });
}

function unknown(name: string, bytes: Buffer): void {
	write(`${name}.ndjson`, bytes, { valid: false, code: 'FORMAT_UNKNOWN' });
}

/** A row of a table of two columns that is damaged `column` bytes into it, with a good row before and after it. */
function badRow(name: string, row: string | Buffer, column: number): void {
	damaged(`row-${name}`, [header(), schema('t'), open('t'), '["é",1]', row, '[3,4]', end('t'), trailer()], 5, column);
}

const [NULL, int, real, text] = [
	['null'],
	(v: string) => ['integer', v],
	(v: string) => ['real', v],
	(v: string) => ['text', v],
];
const [blob, raw] = [(v: string) => ['blob', v], (v: string) => ['rawtext', v]];

mkdirSync(folder, { recursive: true });

// --- valid

const exampleLines = [
	header(),
	schema('note', { sql: 'CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT, stars REAL, photo BLOB)' }),
	json({
		kind: 'schema',
		type: 'index',
		name: 'note_stars',
		table: 'note',
		sql: 'CREATE INDEX note_stars ON note(stars)',
	}),
	open('note', ['id', 'body', 'stars', 'photo']),
	'[1,"Grüße,\\n\\"Ada\\"",4.5,null]',
	'[2,"",-0.0,{"b":"00FF"}]',
	'[9223372036854775807,{"t":"61FF"},9e999,{"b":""}]',
	end('note'),
	trailer(),
];
const exampleTables: Table[] = [
	{
		name: 'note',
		columns: ['id', 'body', 'stars', 'photo'],
		rows: [
			[int('1'), text('Grüße,\n"Ada"'), real('4.5'), NULL],
			[int('2'), text(''), real('-0.0'), blob('00FF')],
			[int('9223372036854775807'), raw('61FF'), real('9e999'), blob('')],
		],
	},
];
valid('example', exampleLines, exampleTables);
valid('empty-database', [header(), trailer()], []);
valid('schema-only', [header(), schema('t'), schema('u'), trailer()], []);
valid(
	'empty-table',
	[header(), schema('t'), open('t'), end('t'), trailer()],
	[{ name: 't', columns: ['a', 'b'], rows: [] }],
);
const integers = [
	'0',
	'-1',
	'1',
	'9007199254740993',
	'-9007199254740993',
	'9223372036854775807',
	'-9223372036854775808',
	'1000000000000000000',
];
rowsOf(
	'integers',
	['a'],
	integers.map((v) => `[${v}]`),
	integers.map((v) => [int(v)]),
);
const reals = [
	'0.0',
	'-0.0',
	'0.10000000000000001',
	'1.0',
	'1.0e+17',
	'1.0000000000000001e-05',
	'4.9406564584124654e-324',
	'-1.7976931348623157e+308',
	'9e999',
	'-9e999',
	'2e0',
	'123456789.12500000',
];
rowsOf(
	'reals',
	['a'],
	reals.map((v) => `[${v}]`),
	reals.map((v) => [real(v)]),
);
const controls = String.fromCharCode(...Array.from({ length: 32 }, (_, nth) => nth));
const texts = [
	'',
	'null',
	'1',
	controls,
	'a\0b',
	'"\\/',
	'\x7f\x80',
	'\u2028\u2029',
	'é€😀',
	'\uffff\ufeff',
	'],["',
	'{"b":"00"}',
	'\u{10ffff}',
];
rowsOf(
	'texts',
	['a'],
	texts.map((v) => `[${json(v)}]`),
	texts.map((v) => [text(v)]),
);
rowsOf(
	'control-characters',
	['a'],
	['["\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u000e\\u001f"]'],
	[[text('\0\u0001\b\t\n\u000b\f\r\u000e\u001f')]],
);
rowsOf(
	'tagged',
	['a', 'b'],
	['[{"b":""},{"t":"FF"}]', '[{"b":"0123456789ABCDEF"},{"t":"C328"}]'],
	[
		[blob(''), raw('FF')],
		[blob('0123456789ABCDEF'), raw('C328')],
	],
);
for (const rowid of ['rowid', '_rowid_', 'oid'])
	rowsOf(
		`carried-${rowid}`,
		['a'],
		['[-9223372036854775808,"x"]', '[7,null]'],
		[
			[int('-9223372036854775808'), text('x')],
			[int('7'), NULL],
		],
		rowid,
	);
const names = ['', '"', "o'clock", '😀', '__proto__', 'length', 'a\nb', 'Ä', 'ä'];
valid(
	'names',
	[
		header(),
		...names.map((name) => schema(name)),
		...names.flatMap((name) => [open(name, [name, `${name}2`]), '[1,2]', end(name)]),
		trailer(),
	],
	names.map((name) => ({ name, columns: [name, `${name}2`], rows: [[int('1'), int('2')]] })),
);
valid(
	'roles',
	[
		header({ userVersion: -2147483648, applicationId: 2147483647 }),
		schema('t'),
		json({ kind: 'schema', type: 'index', name: 'sqlite_autoindex_t_1', table: 't', sql: null }),
		json({
			kind: 'schema',
			type: 'trigger',
			name: 't',
			table: 't',
			sql: 'CREATE TRIGGER t AFTER INSERT ON t BEGIN SELECT 1; END',
		}),
		json({ kind: 'schema', type: 'view', name: 'v', table: 'v', sql: 'CREATE VIEW v AS SELECT 1' }),
		schema('sqlite_sequence', { role: 'system' }),
		schema('f', { role: 'virtual' }),
		schema('f_data', { role: 'shadow' }),
		schema('i_shadow', { role: 'vector' }),
		open('i_shadow'),
		end('i_shadow'),
		open('f_data'),
		'[1,{"b":"00"}]',
		end('f_data'),
		open('sqlite_sequence'),
		'["t",1]',
		end('sqlite_sequence'),
		trailer(),
	],
	[
		{ name: 'i_shadow', columns: ['a', 'b'], rows: [] },
		{ name: 'f_data', columns: ['a', 'b'], rows: [[int('1'), blob('00')]] },
		{ name: 'sqlite_sequence', columns: ['a', 'b'], rows: [[text('t'), int('1')]] },
	],
);
valid(
	'omissions',
	[header(), schema('t'), open('t'), '[1,2]', omitted('t', 'rowid 5'), omitted('t', 'rowid 6'), end('t'), trailer()],
	[{ name: 't', columns: ['a', 'b'], omitted: 2, rows: [[int('1'), int('2')]] }],
);
valid(
	'omissions-past-100',
	[
		header(),
		schema('t'),
		open('t'),
		...Array.from({ length: 100 }, (_, n) => omitted('t', `rowid ${n}`)),
		end('t', { omitted: 4321 }),
		trailer(),
	],
	[{ name: 't', columns: ['a', 'b'], omitted: 4321, rows: [] }],
);
valid(
	'utf-16',
	[header({ encoding: 'UTF-16le' }), schema('t'), open('t'), '["é",{"t":"00D8"}]', end('t'), trailer()],
	[{ name: 't', columns: ['a', 'b'], rows: [[text('é'), raw('00D8')]] }],
);
const wide = Array.from({ length: 500 }, (_, nth) => `c${nth}`);
rowsOf('wide', wide, [`[${wide.map(() => 'null').join(',')}]`], [wide.map(() => NULL)]);
valid(
	'some-tables',
	[header(), schema('a'), schema('b'), schema('c'), open('c'), '[1,2]', end('c'), open('a'), end('a'), trailer()],
	[
		{ name: 'c', columns: ['a', 'b'], rows: [[int('1'), int('2')]] },
		{ name: 'a', columns: ['a', 'b'], rows: [] },
	],
);
valid('one-member', exampleLines, exampleTables, (file) => gzipMember(file));
valid('members', exampleLines, exampleTables, (file) =>
	Buffer.concat([
		gzipMember(file.subarray(0, 700)),
		gzipMember(file.subarray(700, 701)),
		gzipMember(file.subarray(701)),
	]),
);
valid('empty-members', exampleLines, exampleTables, (file) =>
	Buffer.concat([gzipMember(Buffer.alloc(0)), gzipMember(file), gzipMember(Buffer.alloc(0))]),
);
valid('member-with-name', exampleLines, exampleTables, (file) => withName(gzipMember(file), 'shop.ndjson'));

// --- damaged: the first line

write('empty.ndjson', Buffer.alloc(0), { valid: false, code: 'BACKUP_DAMAGED', line: 1, offset: 0 });
unknown('not-json', Buffer.from('SQLite format 3\0\n'));
unknown('not-json-object', Buffer.from('[1]\n'));
unknown('not-json-at-all', Buffer.from('{nothing}\n'));
unknown('blank-first-line', Buffer.from(`\n${header()}\n`));
unknown('space-first', Buffer.from(` ${header()}\n`));
unknown('byte-order-mark', Buffer.from(`\ufeff${header()}\n`));
unknown('still-compressed', gzipMember(Buffer.from(`${header()}\n`)));
unknown(
	'header-not-utf-8',
	Buffer.concat([Buffer.from('{"kind":"header","format":1,"x":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
);
unknown('header-missing', Buffer.concat(build([schema('t'), trailer()])));
unknown('format-2', Buffer.from('{ "format": 2, "kind": "header", "anything": [{}] }\n'));
unknown('format-0', Buffer.from(`${header({ format: 0 })}\n`));
unknown('format-fraction', Buffer.from(`${header({ format: 1.5 })}\n`));
unknown('format-as-text', Buffer.from(`${header({ format: '1' })}\n`));
damaged('header-field-missing', [header({ encoding: undefined }), trailer()], 1);
damaged('header-field-unknown', [header({ more: 1 }), trailer()], 1);
damaged('header-source-field-unknown', [header({ source: { ...HEADER.source, token: 'x' } }), trailer()], 1);
damaged('header-encoding-unknown', [header({ encoding: 'latin1' }), trailer()], 1);
damaged('header-user-version-too-large', [header({ userVersion: 2147483648 }), trailer()], 1);
damaged('header-id-empty', [header({ id: '' }), trailer()], 1);
damaged('header-time-without-zone', [header({ createdAt: '2026-11-20T02:00:00' }), trailer()], 1);
damaged(
	'header-fingerprint-upper-case',
	[header({ source: { ...HEADER.source, fingerprint: 'A'.repeat(64) } }), trailer()],
	1,
);
damaged('header-twice', [header(), header(), trailer()], 2);
damaged('header-only', [header()], 2);

// --- damaged: spelling of records

const T = schema('t');
damaged('crlf', [`${header()}\r`, `${T}\r`, trailer()], 1);
damaged('crlf-later', [header(), `${T}\r`, trailer()], 2);
damaged('blank-line', [header(), '', trailer()], 2);
damaged('record-space', [header(), T.replace('":', '": '), trailer()], 2);
damaged('record-field-twice', [header(), T.replace('{', '{"name":"u",'), trailer()], 2);
damaged('record-field-unknown', [header(), T.replace('}', ',"more":null}'), trailer()], 2);
damaged('record-proto', [header(), T.replace('}', ',"__proto__":{}}'), trailer()], 2);
damaged('record-kind-unknown', [header(), '{"kind":"volume"}', trailer()], 2);
damaged('record-kind-missing', [header(), '{}', trailer()], 2);
damaged('record-cut', [header(), T.slice(0, -1), trailer()], 2);
damaged('record-deep', [header(), `{"kind":"schema","x":${'['.repeat(5000)}${']'.repeat(5000)}}`, trailer()], 2);
damaged('record-escape-slash', [header(), T.replace('CREATE', '\\/*CREATE'), trailer()], 2);
damaged('record-escape-needless', [header(), T.replace('CREATE', '\\u0043REATE'), trailer()], 2);
damaged('record-lone-surrogate', [header(), T.replace('CREATE', '\\ud800'), trailer()], 2);
damaged(
	'record-not-utf-8',
	[header(), Buffer.from(T.replace('CREATE', 'é\xe9'), 'latin1'), trailer()],
	2,
	T.indexOf('CREATE'),
);
damaged(
	'record-fraction',
	[header(), schema('t'), open('t'), '{"kind":"end","name":"t","rows":0.0,"omitted":0,"bytes":0}', trailer()],
	4,
);
const emptySha = sha256('');
damaged(
	'record-minus-zero',
	[
		header(),
		T,
		open('t'),
		`{"kind":"end","name":"t","rows":-0,"omitted":0,"bytes":0,"sha256":"${emptySha}"}`,
		trailer(),
	],
	4,
);
damaged('schema-type-unknown', [header(), schema('t', { type: 'sequence' }), trailer()], 2);
damaged('schema-role-unknown', [header(), schema('t', { role: 'temp' }), trailer()], 2);
damaged('schema-role-missing', [header(), schema('t', { role: undefined }), trailer()], 2);
damaged('schema-role-of-index', [header(), schema('t', { type: 'index' }), trailer()], 2);
damaged('schema-name-twice', [header(), T, schema('t', { type: 'view', role: undefined }), trailer()], 3);
damaged('schema-name-twice-by-case', [header(), T, schema('T'), trailer()], 3);

// --- damaged: order of lines

damaged('schema-after-table', [header(), T, open('t'), end('t'), schema('u'), trailer()], 5);
damaged('schema-within-table', [header(), T, open('t'), schema('u'), end('t'), trailer()], 4);
damaged('table-not-in-schema', [header(), T, open('u'), end('u'), trailer()], 3);
damaged('table-by-another-case', [header(), T, open('T'), end('T'), trailer()], 3);
damaged('table-virtual', [header(), schema('t', { role: 'virtual' }), open('t'), end('t'), trailer()], 3);
damaged('table-is-view', [header(), schema('t', { type: 'view', role: undefined }), open('t'), end('t'), trailer()], 3);
damaged('table-twice', [header(), T, open('t'), end('t'), open('t'), end('t'), trailer()], 5);
damaged('table-within-table', [header(), T, schema('u'), open('t'), open('u'), end('u'), trailer()], 5);
damaged('table-without-columns', [header(), T, open('t', []), end('t'), trailer()], 3);
damaged('table-column-twice', [header(), T, open('t', ['a', 'A']), end('t'), trailer()], 3);
damaged('table-rowid-is-column', [header(), T, open('t', ['a', 'RowID'], 'rowid'), end('t'), trailer()], 3);
damaged('table-rowid-unknown', [header(), T, open('t', ['a'], 'ROWID'), end('t'), trailer()], 3);
damaged('rows-before-table', [header(), T, '[1,2]', open('t'), end('t'), trailer()], 3);
damaged('rows-after-end', [header(), T, open('t'), end('t'), '[1,2]', trailer()], 5);
damaged('rows-after-omission', [header(), T, open('t'), omitted('t', 'x'), '[1,2]', end('t'), trailer()], 5);
damaged('omission-of-another-table', [header(), T, open('t'), omitted('u', 'x'), end('t'), trailer()], 4);
damaged('omission-outside-table', [header(), T, omitted('t', 'x'), trailer()], 3);
damaged('omissions-uncounted', [header(), T, open('t'), omitted('t', 'x'), end('t', { omitted: 0 }), trailer()], 5);
damaged('omissions-without-lines', [header(), T, open('t'), end('t', { omitted: 1 }), trailer()], 4);
damaged(
	'omissions-too-many',
	[header(), T, open('t'), ...Array.from({ length: 101 }, () => omitted('t', 'x')), end('t'), trailer()],
	105,
);
damaged('end-outside-table', [header(), T, end('t'), trailer()], 3);
damaged('end-of-another-table', [header(), T, schema('u'), open('t'), end('u'), trailer()], 5);
damaged('end-rows-disagree', [header(), T, open('t'), '[1,2]', end('t', { rows: 2 }), trailer()], 5);
damaged('end-bytes-disagree', [header(), T, open('t'), '[1,2]', end('t', { bytes: 7 }), trailer()], 5);
damaged(
	'end-digest-disagrees',
	[header(), T, open('t'), '[1,2]', end('t', { sha256: sha256('[1,3]\n') }), trailer()],
	5,
);
damaged(
	'end-digest-upper-case',
	[header(), T, open('t'), '[1,2]', end('t', { sha256: sha256('[1,2]\n').toUpperCase() }), trailer()],
	5,
);
damaged('end-negative-count', [header(), T, open('t'), '[1,2]', end('t', { omitted: -1 }), trailer()], 5);
damaged('trailer-missing', [header(), T, open('t'), end('t')], 5);
damaged('trailer-within-table', [header(), T, open('t'), trailer()], 4);
damaged('trailer-first-table-open', [header(), T, open('t'), '[1,2]', trailer({ tables: 1, rows: 1 })], 5);
damaged('trailer-tables-disagree', [header(), T, trailer({ tables: 1 })], 3);
damaged('trailer-rows-disagree', [header(), T, open('t'), '[1,2]', end('t'), trailer({ rows: 2 })], 6);
damaged(
	'trailer-digest-disagrees',
	[header(), schema('t', { sql: 'CREATE TABLE t(a,c)' }), trailer({ sha256: sha256(`${header()}\n${T}\n`) })],
	3,
);
damaged('trailer-twice', [header(), trailer(), trailer()], 3);
damaged('blank-line-after-trailer', [header(), trailer(), ''], 3);
damaged('backup-after-trailer', [header(), trailer(), header(), trailer()], 3);
for (const [name, cut] of [
	['cut-in-trailer', 1],
	['cut-in-end', 200],
] as const) {
	const file = Buffer.concat(build([header(), T, open('t'), '[1,2]', end('t'), trailer()]));
	const kept = file.subarray(0, file.length - cut);
	const line = kept.toString().split('\n').length;
	write(`${name}.ndjson`, kept, { valid: false, code: 'BACKUP_DAMAGED', line, offset: kept.length });
}
write('bytes-after-trailer.ndjson', Buffer.concat([...build([header(), trailer()]), Buffer.from('{')]), {
	valid: false,
	code: 'BACKUP_DAMAGED',
	line: 3,
	offset: Buffer.concat(build([header(), trailer()])).length,
});

// --- damaged: rows

badRow('empty', '[]', 1);
badRow('too-short', '[1]', 2);
badRow('too-long', '[1,2,3]', 4);
badRow('comma-at-end', '[1,2,]', 4);
badRow('cell-missing', '[,2]', 1);
badRow('space-before', ' [1,2]', 0);
badRow('space-within', '[1, 2]', 3);
badRow('space-after', '[1,2] ', 5);
badRow('crlf', '[1,2]\r', 5);
badRow('cut', '[1,"x', 5);
badRow('two-on-a-line', '[1,2][3,4]', 5);
badRow('nested', '[1,[2]]', 3);
badRow('true', '[1,true]', 3);
badRow('null-upper-case', '[1,NULL]', 3);
badRow('null-cut', '[1,nul]', 3);
badRow('blank', '', 0);
badRow('text-control', '["ab\x01",2]', 4);
badRow('text-tab', '["\t",2]', 2);
badRow('text-nul', '["\0",2]', 2);
badRow('text-open', '["ab,2]', 7);
badRow('text-ends-in-backslash', '[1,"a\\"]', 8);
badRow('escape-unknown', '["a\\x41",2]', 3);
badRow('escape-slash', '["\\/",2]', 2);
badRow('escape-needless', '["\\u0041",2]', 2);
badRow('escape-upper-case', '["\\u001F",2]', 2);
badRow('escape-has-a-short-form', '["\\u000a",2]', 2);
badRow('escape-del', '["\\u007f",2]', 2);
badRow('escape-cut', '["\\u00",2]', 2);
badRow('escape-surrogate-pair', '["x\\ud83d\\ude00",2]', 3);
badRow('escape-lone-surrogate', '["x\\ud800",2]', 3);
badRow('escape-lone-low-surrogate', '["\\udc00",2]', 2);
const bytesRow = (...bytes: number[]) => Buffer.concat([Buffer.from('["é'), Buffer.from(bytes), Buffer.from('",2]')]);
badRow('not-utf-8', bytesRow(0xff), 4);
badRow('utf-8-cut', bytesRow(0xf0, 0x9f, 0x98), 4);
badRow('utf-8-overlong', bytesRow(0xc0, 0x80), 4);
badRow('utf-8-surrogate', bytesRow(0xed, 0xa0, 0x80), 4);
badRow('utf-8-past-the-last', bytesRow(0xf4, 0x90, 0x80, 0x80), 4);
badRow('utf-8-before-syntax', Buffer.concat([Buffer.from('["'), Buffer.from([0x80]), Buffer.from('",x]')]), 2);
badRow('syntax-before-utf-8', Buffer.concat([Buffer.from('[x,"'), Buffer.from([0x80]), Buffer.from('"]')]), 1);
badRow('tag-unknown', '[1,{"x":"00"}]', 3);
badRow('tag-empty', '[1,{}]', 3);
badRow('tag-space', '[1,{"b": "00"}]', 3);
badRow('tag-two', '[1,{"b":"00","t":"00"}]', 12);
badRow('tag-number', '[1,{"b":00}]', 3);
badRow('hex-odd', '[1,{"b":"000"}]', 12);
badRow('hex-lower-case', '[1,{"b":"ff"}]', 9);
badRow('hex-not', '[1,{"t":"0G"}]', 10);
badRow('exponent-upper-case', '[1,1E5]', 4);
badRow('number-leading-zero', '[1,01]', 3);
badRow('number-leading-point', '[1,.5]', 3);
badRow('number-trailing-point', '[1,1.]', 5);
badRow('number-trailing-exponent', '[1,1e]', 5);
badRow('number-exponent-sign', '[1,1e+]', 6);
badRow('number-plus', '[1,+1]', 3);
badRow('number-minus', '[1,-]', 3);
badRow('number-hex', '[1,0x1]', 4);
badRow('number-nan', '[1,NaN]', 3);
badRow('number-infinity', '[1,-Infinity]', 3);
badRow('number-digits', `[1,0.${'1'.repeat(31)}]`, 3);
badRow('integer-minus-zero', '[1,-0]', 3);
badRow('integer-too-large', '[1,9223372036854775808]', 3);
badRow('integer-too-small', '[1,-9223372036854775809]', 3);
badRow('integer-20-digits', '[1,10000000000000000000]', 3);
for (const [name, cell] of [
	['text', '"1"'],
	['null', 'null'],
	['real', '1.0'],
	['exponent', '1e0'],
	['tagged', '{"b":"00"}'],
] as const)
	damaged(`rowid-${name}`, [header(), T, open('t', ['a'], 'rowid'), '[1,2]', `[${cell},2]`, end('t'), trailer()], 5, 1);
damaged('row-changed', [header(), T, open('t'), '[1,3]', end('t', { sha256: sha256('[1,2]\n') }), trailer()], 5);
damaged('row-lost', [header(), T, open('t'), '[1,2]', end('t', { rows: 2, bytes: 12 }), trailer()], 5);

// --- damaged: compression

const file = Buffer.concat(build(exampleLines));
const member = gzipMember(file);
const flip = (bytes: Buffer, at: number) => {
	const copy = Buffer.from(bytes);
	copy[at] = (copy[at] as number) ^ 1;
	return copy;
};
const badGzip = (name: string, bytes: Buffer, outcome: Fields = {}) =>
	write(`${name}.ndjson.gz`, bytes, { valid: false, code: 'BACKUP_DAMAGED', ...outcome });
badGzip('gzip-empty', Buffer.alloc(0));
badGzip('gzip-not', file);
badGzip('gzip-cut-in-header', member.subarray(0, 5));
badGzip('gzip-cut-in-data', member.subarray(0, 200));
badGzip('gzip-cut-in-checksum', member.subarray(0, -6));
badGzip('gzip-cut-in-length', member.subarray(0, -1));
badGzip('gzip-checksum-differs', flip(member, member.length - 8));
badGzip('gzip-length-differs', flip(member, member.length - 4));
badGzip('gzip-zeros-after', Buffer.concat([member, Buffer.alloc(16)]));
badGzip('gzip-garbage-after', Buffer.concat([member, Buffer.from('garbage')]));
badGzip('gzip-byte-after', Buffer.concat([member, Buffer.from([0x1f])]));
badGzip(
	'gzip-second-member-cut',
	Buffer.concat([gzipMember(file.subarray(0, 700)), gzipMember(file.subarray(700)).subarray(0, -9)]),
);
const firstMember = file.subarray(0, 700);
badGzip('gzip-second-member-missing', gzipMember(firstMember), {
	line: firstMember.toString().split('\n').length,
	offset: 700,
});
badGzip('gzip-same-member-twice', Buffer.concat([member, member]), { line: 10, offset: file.length });
writeFileSync(new URL('index.json', folder), `${JSON.stringify(index, null, '\t')}\n`);
writeFileSync(new URL('.gitattributes', folder), '* -text\n*.gz binary\n');
