import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodedEvent, Decoder } from '../../lib/format/decoder';
import { Encoder } from '../../lib/format/encoder';
import { type Header, headerSchema, tableRoles } from '../../lib/format/records';
import { type Cell, parseRow, rowLine } from '../../lib/format/values';
import { cell, text } from './arbitraries';
import { chunksOf } from './chunks';

interface Section {
	rowid: 'rowid' | '_rowid_' | 'oid' | null;
	columns: string[];
	rows: Cell[][];
	omissions: { row: string; reason: string }[];
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const header: fc.Arbitrary<Omit<Header, 'kind'>> = fc.record({
	format: fc.constant(1 as const),
	id: text.filter((id) => id !== ''),
	createdAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
	source: fc.record({ engine: text, version: text, location: text, fingerprint: fc.constant('0'.repeat(64)) }),
	encoding: fc.constantFrom(...headerSchema.shape.encoding.options),
	userVersion: int32,
	applicationId: int32,
});

const section: fc.Arbitrary<Section> = fc
	.record({
		rowid: fc.constantFrom('rowid', '_rowid_', 'oid', null),
		columns: fc.uniqueArray(text, { selector: (name) => name.toLowerCase(), minLength: 1, maxLength: 5 }),
		omissions: fc.array(fc.record({ row: text, reason: text }), { maxLength: 3 }),
	})
	.chain((shape) => {
		const values = fc.array(cell, { minLength: shape.columns.length, maxLength: shape.columns.length });
		const rowid = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
		const row = fc
			.tuple(rowid, values)
			.map(([value, rest]): Cell[] => (shape.rowid === null ? rest : [{ type: 'integer', value }, ...rest]));
		return fc.array(row, { maxLength: 6 }).map((rows) => ({ ...shape, rows }));
	});

const database = fc.uniqueArray(fc.tuple(text, fc.constantFrom(...tableRoles), section), {
	selector: ([name]) => name.toLowerCase(),
	maxLength: 4,
});

/** What the decoder has to say, row for row: how rows are gathered into events depends on the chunks. */
function* spread(events: Iterable<DecodedEvent>): Generator<unknown> {
	for (const event of events)
		if (event.kind !== 'rows') yield event;
		else {
			const lines = event.bytes.toString().split('\n').slice(0, -1);
			expect(event.rows).toBe(lines.length);
			for (const line of lines) yield parseRow(line);
		}
}

describe('encoder to decoder', () => {
	it('comes back as it went, wherever it is cut', () => {
		fc.assert(
			fc.property(header, database, fc.integer({ min: 1, max: 300 }), (head, tables, size) => {
				const encoder = new Encoder();
				const parts: Buffer[] = [encoder.header(head)];
				const expected: unknown[] = [{ kind: 'header', ...head }];
				for (const [name, role] of tables) {
					const object = { type: 'table', role, name, table: name, sql: null } as const;
					parts.push(encoder.schema(object));
					expected.push({ kind: 'schema', ...object });
				}
				for (const [name, role, { rowid, columns, rows, omissions }] of tables) {
					if (role === 'virtual') continue;
					parts.push(encoder.open({ name, columns, rowid }));
					for (const omission of omissions) encoder.omit(omission);
					for (const row of rows) {
						const bytes = Buffer.from(rowLine(row));
						encoder.rows({ bytes: bytes.subarray(0, 2), rows: 0 });
						encoder.rows({ bytes: bytes.subarray(2), rows: 1 });
						parts.push(bytes);
					}
					const { bytes, record } = encoder.close();
					parts.push(bytes);
					const omitted = omissions.map((omission) => ({ kind: 'omitted', table: name, ...omission }));
					expected.push({ kind: 'table', name, columns, rowid }, ...rows, ...omitted, record);
				}
				const { bytes, record } = encoder.trailer();
				parts.push(bytes);
				expected.push(record);

				const decoder = new Decoder();
				const found: unknown[] = [];
				for (const chunk of chunksOf(Buffer.concat(parts), size)) found.push(...spread(decoder.push(chunk)));
				expect(found).toEqual(expected);
				expect(decoder.finish()).toEqual(record);
			}),
		);
	});
});
