import {
	BACKSLASH,
	CLOSE,
	DOT,
	isDigit,
	LOWER_B,
	LOWER_E,
	LOWER_F,
	LOWER_N,
	LOWER_R,
	LOWER_T,
	LOWER_U,
	MINUS,
	OPEN_TAG,
	QUOTE,
	ZERO,
} from './ascii';
import { parseReal, realEnd } from './parse-real';

/**
 * Row lines as SQLite keeps rows on the leaves of a table's b-tree (sqlite.org/fileformat2.html, "B-tree Cell Format"
 * and "Record Format"). Lengths and types are written with leading zeros, which SQLite reads but never writes, so that
 * all of a row has its place before its values are known.
 */

/** Where pages are; behind the last of them, as much again as a page takes. */
export const PAGES: usize = (__heap_base + 15) & ~15;

/** Of a page, before the places of its rows. */
const HEAD_BYTES: usize = 8;
/** Of a record's numbers that are written in as many bytes each time, whatever they are. */
const VARINT_BYTES: usize = 3;
const HEAD_SIZE_BYTES: usize = 2;
/** Rowids are below 2^28. */
const ROWID_BYTES: usize = 4;
/** Room before a limit, for what is written at once. */
const SPARE_BYTES: usize = 64;
/** The types of values in a record, as SQLite numbers them; texts and blobs have theirs by their length. */
const NULL: u32 = 0;
const INT8: u32 = 1;
const INT32: u32 = 4;
const INT64: u32 = 6;
const REAL: u32 = 7;
const BLOB: u32 = 12;
const TEXT: u32 = 13;

/** The page that is being filled: where it is, where it ends, how many rows it has and may have, where the next goes. */
let page: usize = 0;
let pageEnd: usize = 0;
export let pageRows: i32 = 0;
let mostRows: i32 = 0;
let nextRow: usize = 0;

/** What the row at hand is read and written up to. */
let linesEnd: usize = 0;
let limit: usize = 0;
/** The place after the line that was encoded last. */
let lineEnd: usize = 0;

/** Begins a page, of at most so many rows. */
export function openPage(at: usize, bytes: i32, rows: i32): void {
	page = at;
	pageEnd = at + bytes;
	limit = pageEnd + bytes - SPARE_BYTES;
	pageRows = 0;
	mostRows = rows;
	nextRow = at + HEAD_BYTES + 2 * rows;
}

/**
 * Adds rows to the page, whose lines are in the grammar, until it is full.
 *
 * @param cells of each row
 * @param rowid of the first
 * @returns the place of the line that comes next; `end` if all are on the page
 */
export function addRows(start: usize, end: usize, cells: i32, rowid: i32): usize {
	linesEnd = end;
	let at = start;
	for (let row = rowid; at < end && pageRows < mostRows; row++) {
		const rowEnd = writeRow(at, cells, row);
		if (rowEnd > pageEnd) {
			// No page has room for it.
			if (pageRows === 0) unreachable();
			break;
		}
		store<u16>(page + HEAD_BYTES + 2 * pageRows, bswap(<u16>(nextRow - page)));
		pageRows++;
		nextRow = rowEnd;
		at = lineEnd;
	}
	return at;
}

/** Writes the row of the line at `start` as the next of the page; returns the place after it, which may be beyond the page. */
function writeRow(start: usize, cells: i32, rowid: i32): usize {
	const record = nextRow + VARINT_BYTES + ROWID_BYTES;
	const headBytes = HEAD_SIZE_BYTES + VARINT_BYTES * cells;
	let type = record + HEAD_SIZE_BYTES;
	const values = record + headBytes;
	let body = values;
	let at = start + 1;
	while (true) {
		seeToRoom(at, body);
		if (type === values) unreachable();
		const first = load<u8>(at);
		if (first === QUOTE) {
			const end = writeText(at + 1, body);
			writeVarint(TEXT + 2 * <u32>(end - body), type);
			body = end;
			at = valueEnd;
		} else if (first === LOWER_N) {
			writeVarint(NULL, type);
			at += 4;
		} else if (first === OPEN_TAG) {
			const end = writeHex(at + 6, body);
			writeVarint((load<u8>(at + 2) === LOWER_B ? BLOB : TEXT) + 2 * <u32>(end - body), type);
			body = end;
			at = valueEnd;
		} else {
			body = writeNumber(at, type, body);
			at = valueEnd;
		}
		type += VARINT_BYTES;
		if (load<u8>(at++) === CLOSE) break;
	}
	lineEnd = at + 1;
	writeVarint(<u32>(body - record), nextRow);
	writeRowid(rowid, nextRow + VARINT_BYTES);
	store<u8>(record, 0x80 | <u8>(headBytes >> 7));
	store<u8>(record + 1, headBytes & 0x7f);
	return body;
}

/** The place after the value that was read last. */
let valueEnd: usize = 0;

/** Ends everything where lines that are in the grammar, and not too long, would not have led. */
function seeToRoom(from: usize, to: usize): void {
	if (from >= linesEnd || to > limit) unreachable();
}

/** Writes what the text stands for of which the inside is at `from`; returns the place after it. */
function writeText(from: usize, to: usize): usize {
	while (true) {
		seeToRoom(from, to);
		const bytes = v128.load(from);
		v128.store(to, bytes);
		let apart = i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))));
		if (apart === 0) {
			from += 16;
			to += 16;
		}
		while (apart !== 0) {
			const plain = ctz(apart);
			from += plain;
			to += plain;
			if (load<u8>(from) === QUOTE) {
				valueEnd = from + 1;
				return to;
			}
			const letter = load<u8>(from + 1);
			const escapeBytes = letter === LOWER_U ? 6 : 2;
			store<u8>(to++, letter === LOWER_U ? hexPair(from + 4) : escaped(letter));
			from += escapeBytes;
			// What follows has its place one or more bytes before.
			v128.store(to, v128.load(from));
			apart >>= plain + escapeBytes;
		}
	}
}

/** What a letter stands for after a backslash. */
function escaped(letter: u8): u8 {
	switch (letter) {
		case LOWER_B:
			return 8;
		case LOWER_T:
			return 9;
		case LOWER_N:
			return 10;
		case LOWER_F:
			return 12;
		case LOWER_R:
			return 13;
	}
	return letter;
}

function hexPair(at: usize): u8 {
	return (hexDigit(load<u8>(at)) << 4) | hexDigit(load<u8>(at + 1));
}

/** Of letters, the lower bits are their places from 1 on. */
function hexDigit(byte: u8): u8 {
	return (byte & 15) + (byte >> 6) * 9;
}

/** Writes the bytes of the hex digits at `from`, up to a quote; returns the place after them. */
function writeHex(from: usize, to: usize): usize {
	while (true) {
		seeToRoom(from, to);
		const bytes = v128.load(from);
		// As above. Of each two digits, the first is the lower half of their word.
		const digits = i8x16.add(
			v128.and(bytes, i8x16.splat(15)),
			v128.and(i8x16.gt_u(bytes, i8x16.splat(0x40)), i8x16.splat(9)),
		);
		const pairs = v128.or(i16x8.shl(digits, 4), i16x8.shr_u(digits, 8));
		const narrow = i8x16.narrow_i16x8_u(v128.and(pairs, i16x8.splat(0xff)), i16x8.splat(0));
		store<u64>(to, i64x2.extract_lane(narrow, 0));
		const quotes = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(QUOTE)));
		if (quotes !== 0) {
			const plain: usize = ctz(quotes);
			// What ends the value is a quote and a brace.
			valueEnd = from + plain + 2;
			return to + plain / 2;
		}
		from += 16;
		to += 8;
	}
}

/** Writes a number, and its type; returns the place after it. */
function writeNumber(from: usize, type: usize, to: usize): usize {
	const isNegative = load<u8>(from) === MINUS;
	let at = isNegative ? from + 1 : from;
	let absolute: u64 = 0;
	let byte = load<u8>(at);
	for (; isDigit(byte); byte = load<u8>(++at)) absolute = absolute * 10 + (byte - ZERO);
	if (byte === DOT || byte === LOWER_E) {
		const value = parseReal(from);
		valueEnd = realEnd;
		writeVarint(REAL, type);
		store<u64>(to, bswap(reinterpret<u64>(value)));
		return to + 8;
	}
	valueEnd = at;
	const value = <i64>(isNegative ? 0 - absolute : absolute);
	if (value === <i64>(<i8>value)) {
		writeVarint(INT8, type);
		store<u8>(to, <u8>value);
		return to + 1;
	}
	if (value === <i64>(<i32>value)) {
		writeVarint(INT32, type);
		store<u32>(to, bswap(<u32>value));
		return to + 4;
	}
	writeVarint(INT64, type);
	store<u64>(to, bswap(<u64>value));
	return to + 8;
}

/** Writes a number below 2^28, most significant bits first, as all of a rowid's bytes. */
function writeRowid(value: u32, at: usize): void {
	store<u8>(at, 0x80 | <u8>(value >> 21));
	writeVarint(value & 0x1fffff, at + 1);
}

/** Writes a number below 2^21. */
function writeVarint(value: u32, at: usize): void {
	store<u8>(at, 0x80 | <u8>(value >> 14));
	store<u8>(at + 1, 0x80 | <u8>(value >> 7));
	store<u8>(at + 2, <u8>value & 0x7f);
}
