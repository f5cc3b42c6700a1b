import { describe, expect, it } from 'vitest';
import { Encoder } from '../../lib/format/encoder';
import { type Header, MAX_CONTROL_BYTES, MAX_LINE_BYTES, type SchemaObject } from '../../lib/format/records';
import { decode } from './chunks';

const header: Omit<Header, 'kind'> = {
	format: 1,
	id: 'a',
	createdAt: '2026-11-20T02:00:00.000Z',
	source: { engine: 'libsql', version: '', location: '', fingerprint: '0'.repeat(64) },
	encoding: 'UTF-8',
	userVersion: 0,
	applicationId: 0,
};
const schema = (name: string): Omit<SchemaObject, 'kind'> => ({
	type: 'table',
	role: 'table',
	name,
	table: name,
	sql: '',
});
const table = (name: string) => ({ name, columns: ['a'], rowid: null });
const row = { bytes: Buffer.from('[1]\n'), rows: 1 };

/** Every call, by name, with arguments that are right. */
const CALLS = {
	header: (encoder) => encoder.header(header),
	schema: (encoder) => encoder.schema(schema('later')),
	open: (encoder) => encoder.open(table('t')),
	rows: (encoder) => encoder.rows(row),
	omit: (encoder) => encoder.omit({ row: '1', reason: 'x' }),
	close: (encoder) => encoder.close(),
	trailer: (encoder) => encoder.trailer(),
} satisfies Record<string, (encoder: Encoder) => unknown>;
type Call = keyof typeof CALLS;

/** The ways to each state, and all that may come next. */
const STATES: readonly [state: string, before: Call[], allowed: Call[]][] = [
	['new', [], ['header']],
	['after the header', ['header', 'schema'], ['schema', 'open', 'trailer']],
	['in a table', ['header', 'open'], ['rows', 'omit', 'close']],
	['after rows', ['header', 'open', 'rows'], ['rows', 'omit', 'close']],
	['after an omission', ['header', 'open', 'omit'], ['rows', 'omit', 'close']],
	['after a table', ['header', 'open', 'close'], ['trailer']],
	['after the trailer', ['header', 'trailer'], []],
];

/** An encoder to whose schema `t` belongs, once it has a header. */
function encoderAfter(before: readonly Call[]): Encoder {
	const encoder = new Encoder();
	for (const call of before) {
		CALLS[call](encoder);
		if (call === 'header') encoder.schema(schema('t'));
	}
	return encoder;
}

describe('Encoder', () => {
	describe.each(STATES)('%s', (_, before, allowed) => {
		it.each(Object.keys(CALLS) as Call[])('%s', (call) => {
			const encoder = encoderAfter(before);
			if (call === 'schema' && before.at(-1) === 'schema') encoder.schema(schema('another'));
			const act = () => (call === 'schema' ? encoder.schema(schema('one more')) : CALLS[call](encoder));
			if (allowed.includes(call)) expect(act).not.toThrow();
			else expect(act).toThrow(TypeError);
		});
	});

	it('goes on after a refused call as if it had not been', () => {
		const encoder = new Encoder();
		const parts = [encoder.header(header), encoder.schema(schema('t'))];
		expect(() => encoder.schema(schema('T'))).toThrow(TypeError);
		expect(() => encoder.open(table('u'))).toThrow(TypeError);
		expect(() => encoder.open({ name: 't', columns: ['a', 'A'], rowid: null })).toThrow(TypeError);
		parts.push(encoder.open(table('t')));
		expect(() => encoder.trailer()).toThrow(TypeError);
		encoder.rows(row);
		parts.push(row.bytes, encoder.close().bytes);
		expect(() => encoder.open(table('t'))).toThrow(TypeError);
		parts.push(encoder.trailer().bytes);
		expect(decode([Buffer.concat(parts)]).trailer).toEqual({ tables: 1, rows: 1 });
	});

	it.each([
		['an unknown field', { ...header, token: 'x' }],
		['a time that is none', { ...header, createdAt: 'today' }],
		['a lone surrogate', { ...header, id: '\ud800' }],
	])('refuses a header with %s', (_, wrong) => {
		expect(() => new Encoder().header(wrong)).toThrow(TypeError);
	});

	it('refuses a role that is missing, or not for the kind', () => {
		const encoder = encoderAfter(['header']);
		expect(() => encoder.schema({ ...schema('u'), role: undefined })).toThrow(TypeError);
		expect(() => encoder.schema({ ...schema('u'), type: 'view' })).toThrow(TypeError);
	});

	it('refuses a record that no reader would take for its length', () => {
		const encoder = encoderAfter(['header']);
		expect(() => encoder.schema({ ...schema('u'), sql: 'x'.repeat(MAX_CONTROL_BYTES) })).toThrow(TypeError);
	});

	it('refuses to close on a row that has not ended', () => {
		const encoder = encoderAfter(['header', 'open']);
		encoder.rows({ bytes: Buffer.from('[1]\n[2'), rows: 1 });
		expect(() => encoder.close()).toThrow(TypeError);
		encoder.rows({ bytes: Buffer.alloc(0), rows: 0 });
		expect(() => encoder.close()).toThrow(TypeError);
		encoder.rows({ bytes: Buffer.from(']\n'), rows: 1 });
		expect(encoder.close().record).toMatchObject({ rows: 2, bytes: 8 });
	});

	it('refuses a row that no reader would take for its length, in however many pieces', () => {
		const piece = Buffer.alloc(MAX_LINE_BYTES / 8, '1');
		const fill = () => {
			const encoder = encoderAfter(['header', 'open', 'rows']);
			for (let nth = 0; nth < 8; nth++) encoder.rows({ bytes: nth < 7 ? piece : piece.subarray(1), rows: 0 });
			return encoder;
		};
		expect(() => fill().rows({ bytes: Buffer.from('\n[2]\n'), rows: 2 })).not.toThrow();
		expect(() => fill().rows({ bytes: Buffer.from(']\n'), rows: 1 })).toThrow(TypeError);
	}, 20_000);

	it('counts every omission, and has a line for the first hundred', () => {
		const encoder = encoderAfter(['header', 'open']);
		for (let nth = 0; nth < 150; nth++) encoder.omit({ row: `rowid ${nth}`, reason: 'too long' });
		const { bytes, record } = encoder.close();
		expect(record.omitted).toBe(150);
		const lines = bytes
			.toString()
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line) as Record<string, unknown>);
		expect(lines).toHaveLength(101);
		expect(lines[99]).toEqual({ kind: 'omitted', table: 't', row: 'rowid 99', reason: 'too long' });
	});

	it('leaves the omissions of one table out of the next', () => {
		const encoder = new Encoder();
		encoder.header(header);
		for (const name of ['t', 'u']) encoder.schema(schema(name));
		encoder.open(table('t'));
		encoder.omit({ row: '1', reason: 'x' });
		encoder.close();
		encoder.open(table('u'));
		expect(encoder.close().record.omitted).toBe(0);
	});
});
