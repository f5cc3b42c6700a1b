import { NotOfProtocol } from '../not-of-protocol';
import { type Row, rowsOf } from '../rows';
import type { Answer, Asking, Encoding, Failure, Outcome, Place, Step } from './pipeline';
import { bytesOf, type FieldValue, field, fieldsOf, numberOf, textOf } from './protobuf';

/** Version 3 of the protocol, in Protocol Buffers. Fields have the numbers of its specification. */
export const PROTOBUF: Encoding = {
	path: 'v3-protobuf/pipeline',
	contentType: 'application/x-protobuf',
	takesBytes: true,
	encode,
	decode,
	placeIn,
};

const [BATON, BASE_URL, RESULTS] = [1, 2, 3];
const NOWHERE: Place = { baton: null, baseUrl: null };

function encode({ baton, steps, closes }: Asking): Buffer {
	const batch = steps.map((step, nth) => field(1, encodeStep(step, nth)));
	return Buffer.concat([
		...(baton === null ? [] : [field(BATON, baton)]),
		...(steps.length === 0 ? [] : [field(2, [field(3, [field(1, batch)])])]),
		...(closes ? [field(2, [field(1, [])])] : []),
	]);
}

function encodeStep({ sql, args }: Step, nth: number): Buffer[] {
	const statement = [field(1, sql), ...args.map((text) => field(3, [field(4, text)])), field(5, 1)];
	return [...(nth === 0 ? [] : [field(1, [field(1, nth - 1)])]), field(2, statement)];
}

function decode(body: Buffer, { steps, closes }: Asking): Answer {
	let place = NOWHERE;
	const results: Buffer[] = [];
	for (const [number, value] of fieldsOf(body)) {
		if (number === RESULTS) results.push(bytesOf(value));
		else place = placeWith(place, number, value);
	}
	if (results.length !== Math.min(1, steps.length) + Number(closes))
		throw new NotOfProtocol('an answer has another number of results than was asked for');
	const [batch] = steps.length === 0 ? [] : results;
	return { place, outcomes: batch === undefined ? [] : readResult(batch, steps.length) };
}

function placeIn(begun: Buffer): Place | null {
	let place = NOWHERE;
	try {
		for (const [number, value] of fieldsOf(begun, true)) {
			// sqld puts it before the results, which may be long.
			if (number === RESULTS) return place.baton === null ? null : place;
			place = placeWith(place, number, value);
		}
	} catch (error) {
		if (!(error instanceof NotOfProtocol)) throw error;
	}
	return null;
}

function placeWith(place: Place, number: number, value: FieldValue): Place {
	if (number === BATON) return { ...place, baton: textOf(value) };
	return number === BASE_URL ? { ...place, baseUrl: textOf(value) } : place;
}

/** What became of a batch. */
function readResult(result: Buffer, steps: number): Outcome[] | Failure {
	for (const [number, value] of fieldsOf(result)) {
		if (number === 2) return readFailure(value);
		const response = number === 1 ? messageIn(value, 3) : null;
		const batch = response && messageIn(response, 1);
		if (batch) return readBatch(batch, steps);
	}
	throw new NotOfProtocol('an answer to something else');
}

/** The message in a field of another; null if it is not there. */
function messageIn(message: FieldValue, number: number): Buffer | null {
	for (const [found, value] of fieldsOf(bytesOf(message))) if (found === number) return bytesOf(value);
	return null;
}

function readBatch(batch: Buffer, steps: number): Outcome[] {
	const outcomes: Outcome[] = Array(steps).fill(null);
	for (const [number, value] of fieldsOf(batch)) {
		if (number !== 1 && number !== 2) continue;
		const entry = bytesOf(value);
		const step = stepOf(entry);
		const outcome = messageIn(entry, 2) ?? Buffer.alloc(0);
		if (step >= steps) throw new NotOfProtocol('a result of no step');
		outcomes[step] = number === 1 ? { rows: readRows(outcome) } : { failure: readFailure(outcome) };
	}
	return outcomes;
}

/** Which step an entry is of: the number 0 is not written. */
function stepOf(entry: Buffer): number {
	for (const [number, value] of fieldsOf(entry)) if (number === 1) return numberOf(value);
	return 0;
}

function readFailure(error: FieldValue): Failure {
	let failure: Failure = { message: '', code: null };
	for (const [number, value] of fieldsOf(bytesOf(error))) {
		if (number === 1) failure = { ...failure, message: textOf(value) };
		else if (number === 2) failure = { ...failure, code: textOf(value) };
	}
	return failure;
}

function readRows(result: FieldValue): Row[] {
	const columns: unknown[] = [];
	const rows: unknown[][] = [];
	for (const [number, value] of fieldsOf(bytesOf(result))) {
		if (number === 1) columns.push(value);
		else if (number === 2) rows.push(Array.from(fieldsOf(bytesOf(value)), ([, cell]) => readCell(bytesOf(cell))));
	}
	return rowsOf({ rows, columns });
}

function readCell(cell: Buffer): unknown {
	for (const [kind, value] of fieldsOf(cell)) {
		switch (kind) {
			case 1:
				return null;
			case 2:
				return readInteger(value);
			case 3:
				return readReal(bytesOf(value));
			case 4:
				return textOf(value);
			case 5:
				return bytesOf(value);
		}
	}
	throw new NotOfProtocol('a value of no known kind');
}

/** Of `sint64`: the sign is the lowest bit. */
function readInteger(value: FieldValue): bigint {
	if (typeof value !== 'bigint') throw new NotOfProtocol('bytes where there is a number');
	return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}

function readReal(bytes: Buffer): number {
	if (bytes.length !== 8) throw new NotOfProtocol('a real of another length');
	return bytes.readDoubleLE();
}
