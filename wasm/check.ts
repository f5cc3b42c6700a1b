import {
	BACKSLASH,
	CLOSE,
	CLOSE_TAG,
	COLON,
	COMMA,
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
	NEWLINE,
	ONE,
	OPEN,
	OPEN_TAG,
	PLUS,
	QUOTE,
	SPACE,
	skipDigits,
	UPPER_A,
	ZERO,
} from './ascii';
import { isNumericText } from './numeric-text';
import { parseReal } from './parse-real';

/**
 * The grammar of row lines (lib/format/README.md). Every check stops at a zero byte of its own accord, which follows
 * the lines, so nothing here looks for their end; texts are read up to 16 bytes beyond it.
 */

/** What is wrong, if anything is; as in lib/format/check-rows.ts. */
const NO_INTEGER: i32 = 1;
const MORE_CELLS: i32 = 2;
const NO_CELL_END: i32 = 3;
const FEWER_CELLS: i32 = 4;
const NO_ROW_END: i32 = 5;
const NO_VALUE: i32 = 6;
const CONTROL_CHARACTER: i32 = 7;
const OTHER_ESCAPE: i32 = 8;
const NO_TAG: i32 = 9;
const NO_HEX: i32 = 10;
const HALF_BYTE: i32 = 11;
const NO_TAG_END: i32 = 12;
const LEADING_ZERO: i32 = 13;
const NO_DIGITS: i32 = 14;
const TOO_MANY_DIGITS: i32 = 15;
const MINUS_ZERO: i32 = 16;
const NO_INT64: i32 = 17;

/** The kinds of values, as in lib/format/value-kinds.ts. */
const NULL: u8 = 1;
const INTEGER: u8 = 2;
const REAL: u8 = 4;
const WHOLE_REAL: u8 = 8;
const TEXT: u8 = 16;
const NUMERIC_TEXT: u8 = 32;
const TAGGED: u8 = 64;

/** Digits that every whole number of 64 bits may have. */
const SAFE_DIGITS: usize = 18;
/** Bytes of the longest literal of a REAL, with room to spare. */
const MAX_REAL_BYTES: usize = 32;

/** For each cell of a row, a byte of the kinds that it has; the caller puts lines behind them. */
export const CELLS: usize = (__heap_base + 15) & ~15;

let cells: i32 = 0;
let hasRowid: bool = false;

/** Rows that have passed, and the bytes of the longest. */
export let lineRows: i32 = 0;
export let longestLine: usize = 0;
/** What is wrong at `problemAt`; zero for nothing. */
export let problem: i32 = 0;
export let problemAt: usize = 0;
/** Cells of the row at hand, up to the one that is checked. */
export let cellsSeen: i32 = 0;

/** The kind of the cell that was checked last. */
let kind: u8 = 0;

/** Begins a run of rows. */
export function openRows(count: i32, leadsWithRowid: bool): void {
	cells = count;
	hasRowid = leadsWithRowid;
	lineRows = 0;
	longestLine = 0;
	problem = 0;
	memory.fill(CELLS, 0, cells);
}

/** Checks lines up to the first that is no row; returns its place, or zero where there is a problem. */
export function checkRows(start: usize): usize {
	let at = start;
	while (load<u8>(at) === OPEN) {
		const end = checkRow(at);
		if (end === 0) return 0;
		longestLine = max(longestLine, end - at);
		lineRows++;
		at = end;
	}
	return at;
}

function fail(what: i32, at: usize): usize {
	problem = what;
	problemAt = at;
	return 0;
}

/** Returns the place after the row, or zero, as do all that follow. */
function checkRow(start: usize): usize {
	let at = start;
	cellsSeen = 0;
	do {
		cellsSeen++;
		const cell = at + 1;
		at = checkCell(cell);
		if (at === 0) return 0;
		if (cellsSeen <= cells) {
			const kinds = CELLS + cellsSeen - 1;
			store<u8>(kinds, load<u8>(kinds) | kind);
		}
		if (hasRowid && cellsSeen === 1 && kind !== INTEGER) return fail(NO_INTEGER, cell);
		if (load<u8>(at) === COMMA && cellsSeen === cells) return fail(MORE_CELLS, at);
	} while (load<u8>(at) === COMMA);
	if (load<u8>(at) !== CLOSE) return fail(NO_CELL_END, at);
	if (cellsSeen !== cells) return fail(FEWER_CELLS, at);
	return load<u8>(at + 1) === NEWLINE ? at + 2 : fail(NO_ROW_END, at + 1);
}

function checkCell(at: usize): usize {
	const first = load<u8>(at);
	if (first === QUOTE) return checkText(at);
	if (first === OPEN_TAG) return checkTag(at);
	if (first !== LOWER_N) return checkNumber(at);
	// 'null'
	if (load<u32>(at) !== 0x6c6c756e) return fail(NO_VALUE, at);
	kind = NULL;
	return at + 4;
}

function checkText(start: usize): usize {
	let at = start + 1;
	while (true) {
		const bytes = v128.load(at);
		let apart = i8x16.bitmask(
			v128.or(
				i8x16.lt_u(bytes, i8x16.splat(SPACE)),
				v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
			),
		);
		if (apart === 0) at += 16;
		while (apart !== 0) {
			const plain = ctz(apart);
			at += plain;
			const byte = load<u8>(at);
			if (byte === QUOTE) {
				kind = isNumericText(start + 1, at) ? NUMERIC_TEXT : TEXT;
				return at + 1;
			}
			if (byte !== BACKSLASH) return fail(CONTROL_CHARACTER, at);
			const end = checkEscape(at);
			if (end === 0) return 0;
			apart >>= plain + <i32>(end - at);
			at = end;
		}
	}
}

/** One spelling for each character: equal texts have equal bytes, and digests. Surrogates have none. */
function checkEscape(start: usize): usize {
	switch (load<u8>(start + 1)) {
		case QUOTE:
		case BACKSLASH:
		case LOWER_B:
		case LOWER_F:
		case LOWER_N:
		case LOWER_R:
		case LOWER_T:
			return start + 2;
		case LOWER_U:
			// '00'
			if (load<u16>(start + 2) === 0x3030 && isControl(load<u8>(start + 4), load<u8>(start + 5))) return start + 6;
	}
	return fail(OTHER_ESCAPE, start);
}

/** Claims that two hex digits are those of a control character without a short escape. */
function isControl(tens: u8, ones: u8): bool {
	if (!isDigit(ones) && (ones < 0x61 || ones > 0x66)) return false;
	if (tens !== ZERO) return tens === ONE;
	// Short ones are '8', '9', 'a', 'c' and 'd'.
	return ones !== 0x38 && ones !== 0x39 && ones !== 0x61 && ones !== 0x63 && ones !== 0x64;
}

/** `{"b":"…"}` or `{"t":"…"}` with an even number of upper-case hex digits. */
function checkTag(start: usize): usize {
	const tag = load<u8>(start + 2);
	const isTag =
		load<u8>(start + 1) === QUOTE &&
		(tag === LOWER_B || tag === LOWER_T) &&
		load<u8>(start + 3) === QUOTE &&
		load<u8>(start + 4) === COLON &&
		load<u8>(start + 5) === QUOTE;
	if (!isTag) return fail(NO_TAG, start);
	const at = skipHex(start + 6);
	if (load<u8>(at) !== QUOTE) return fail(NO_HEX, at);
	if ((at - start) & 1) return fail(HALF_BYTE, at);
	if (load<u8>(at + 1) !== CLOSE_TAG) return fail(NO_TAG_END, at + 1);
	kind = TAGGED;
	return at + 2;
}

function skipHex(start: usize): usize {
	let at = start;
	while (true) {
		const bytes = v128.load(at);
		const isHex = i8x16.bitmask(
			v128.or(
				i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(ZERO)), i8x16.splat(10)),
				i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(UPPER_A)), i8x16.splat(6)),
			),
		);
		if (isHex !== 0xffff) return at + ctz(~isHex);
		at += 16;
	}
}

function checkNumber(start: usize): usize {
	const digits = load<u8>(start) === MINUS ? start + 1 : start;
	const point = skipDigits(digits);
	if (point === digits) return fail(NO_VALUE, start);
	if (load<u8>(digits) === ZERO && point - digits > 1) return fail(LEADING_ZERO, start);
	let at = point;
	let fraction: u8 = 0;
	if (load<u8>(at) === DOT) {
		for (let byte = load<u8>(++at); isDigit(byte); byte = load<u8>(++at)) fraction |= byte - ZERO;
		if (at === point + 1) return fail(NO_DIGITS, at);
	}
	kind = 0;
	if (load<u8>(at) === LOWER_E) {
		const sign = load<u8>(at + 1);
		const exponent = sign === MINUS || sign === PLUS ? at + 2 : at + 1;
		at = skipDigits(exponent);
		if (at === exponent) return fail(NO_DIGITS, at);
	} else if (at === point) {
		kind = INTEGER;
		return checkInteger(start, digits, point);
	} else if (fraction !== 0) kind = REAL;
	else if (point - digits <= SAFE_DIGITS) kind = WHOLE_REAL;
	if (at - start > MAX_REAL_BYTES) return fail(TOO_MANY_DIGITS, start);
	if (kind === 0) {
		const value = parseReal(start);
		kind = floor(value) === value && abs(value) < 9223372036854775808.0 ? WHOLE_REAL : REAL;
	}
	return at;
}

/** SQLite would make a REAL of more than 64 bits. */
function checkInteger(start: usize, digits: usize, end: usize): usize {
	if (load<u8>(digits) === ZERO && digits > start) return fail(MINUS_ZERO, start);
	if (end - digits <= SAFE_DIGITS) return end;
	if (end - digits > SAFE_DIGITS + 1) return fail(NO_INT64, start);
	let value: u64 = 0;
	for (let at = digits; at < end; at++) value = value * 10 + (load<u8>(at) - ZERO);
	return value <= <u64>i64.MAX_VALUE + (digits > start ? 1 : 0) ? end : fail(NO_INT64, start);
}
