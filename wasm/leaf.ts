import { blobCell, closeRow, integerCell, nullCell, openRow, out, realCell, rewind, textCell } from './row-lines';

/** The rows of leaves of table b-trees, as lines (sqlite.org/fileformat2.html, sections 1.6 and 2.1). */

/** Why `writeRows` has stopped: the leaf is at its end. */
const END: i32 = 0;
/** There are lines enough. */
const FULL: i32 = 1;
/** A part of the row at hand is on other pages: it goes on with `writeRecord`. */
const APART: i32 = 2;
/** The row at hand is longer than is read here: it goes on with `passRow`. */
const LONG: i32 = 3;
/** The rowid at hand is not above the one before it. */
const DISORDER: i32 = 4;
/** Something that is not of the format, or that is not read here. */
const UNFIT: i32 = 5;

const HEAD_BYTES: usize = 8;
const MOST_PAGE_BYTES: usize = 65_536;
/** Of a record; SQLite's own limit is 32,767. */
const MOST_VALUES: usize = 32_768;
/** Room beyond an end, for what is read or written 16 bytes at a time. */
const SPARE_BYTES: usize = 64;
/** SQLite's own limit of a row. */
const MOST_ROW_BYTES: u64 = 0x7fffffff;

/** Of each field eight bytes: its place in a record, and its flags. */
export const FIELDS: usize = (__heap_base + 15) & ~15;
/** Of the record at hand, each value's type and where it begins. */
const VALUES: usize = FIELDS + 8 * MOST_VALUES;
/** What `listChains` has found. */
export const CHAINS: usize = VALUES;
export const PAGE: usize = VALUES + 8 * MOST_VALUES;
/** Where a row of several pages is put together, and after it what is written. */
export const RECORD: usize = PAGE + MOST_PAGE_BYTES + SPARE_BYTES;

const IS_ROWID: u32 = 1;
const IS_REAL: u32 = 2;
const HAS_DEFAULT: u32 = 4;

/** Of the table. */
let fieldCount: usize = 0;
let hasRowid: bool = false;
let longest: u64 = 0;
let lines: usize = 0;
let enough: usize = 0;

/** Of the page. */
let usable: usize = 0;
let cells: usize = 0;
let nextCell: usize = 0;

/** The rowid before the one at hand, if there was one. */
export let last: i64 = 0;
export let hasLast: bool = false;

/** The row at hand: its rowid, the bytes of its record, where it is, how many are there, and the page with the rest. */
export let rowid: i64 = 0;
export let bytes: usize = 0;
export let start: usize = 0;
export let local: usize = 0;
export let overflow: u32 = 0;

/**
 * Begins a table, whose fields stand at `FIELDS`.
 *
 * @param leadsWithRowid of each line
 * @param mostBytes of a record that is written here
 * @param at where lines are written
 * @param enoughBytes of them, at which `writeRows` stops
 */
export function openTable(count: i32, leadsWithRowid: bool, mostBytes: i32, at: usize, enoughBytes: i32): void {
	fieldCount = count;
	hasRowid = leadsWithRowid;
	longest = mostBytes;
	lines = at;
	enough = at + enoughBytes;
	hasLast = false;
	rewind(at);
}

/** Begins a leaf, which stands at `PAGE`. False if it cannot be one. */
export function openLeaf(usableBytes: i32): bool {
	usable = usableBytes;
	cells = word(PAGE + 3);
	nextCell = 0;
	return HEAD_BYTES + 2 * cells <= usable;
}

/** The rows' lines so far have been taken. */
export function rewindLines(): void {
	rewind(lines);
}

/** Writes the rows of the leaf, from the one at hand; returns why it has stopped. */
export function writeRows(): i32 {
	while (nextCell < cells) {
		if (out >= enough) return FULL;
		if (!findRow()) return UNFIT;
		if (hasLast && rowid <= last) return DISORDER;
		if (<u64>bytes > longest) return LONG;
		if (overflow !== 0) return APART;
		if (!writeRecord(start)) return UNFIT;
	}
	return out >= enough ? FULL : END;
}

/** Writes the row at hand, whose record is at `at`; false, before anything is written, for one that is unfit. */
export function writeRecord(at: usize): bool {
	const count = readHead(at, at + bytes);
	if (count < 0) return false;
	for (let field = FIELDS; field < FIELDS + 8 * fieldCount; field += 8)
		if (load<u32>(field) >= <u32>count && load<u32>(field, 4) & HAS_DEFAULT) return false;
	openRow();
	if (hasRowid) integerCell(rowid);
	for (let field = FIELDS; field < FIELDS + 8 * fieldCount; field += 8) {
		const place = load<u32>(field);
		const flags = load<u32>(field, 4);
		if (flags & IS_ROWID) integerCell(rowid);
		else if (place >= <u32>count) nullCell();
		else writeValue(load<u32>(VALUES + 8 * place), load<u32>(VALUES + 8 * place, 4), (flags & IS_REAL) !== 0);
	}
	closeRow();
	passRow();
	return true;
}

/** Goes on behind the row at hand. */
export function passRow(): void {
	last = rowid;
	hasLast = true;
	nextCell++;
}

/**
 * Lists the rows of the leaf that have a part on other pages, and are written here: of each the first of those pages,
 * and how many there are.
 *
 * @returns how many rows; -1 where something is unfit
 */
export function listChains(usableBytes: i32, mostBytes: i32): i32 {
	if (!openLeaf(usableBytes)) return -1;
	let count = 0;
	for (; nextCell < cells; nextCell++) {
		if (!findRow()) return -1;
		if (overflow === 0 || bytes > <usize>mostBytes) continue;
		const pages = (bytes - local + usable - 5) / (usable - 4);
		store<u32>(CHAINS + 8 * count, overflow);
		store<u32>(CHAINS + 8 * count, pages, 4);
		count++;
	}
	return count;
}

/** Finds the row at hand. */
function findRow(): bool {
	varintAt = PAGE + word(PAGE + HEAD_BYTES + 2 * nextCell);
	const size = varint();
	if (size > MOST_ROW_BYTES) return false;
	rowid = varint();
	start = varintAt;
	bytes = <usize>size;
	local = bytes;
	overflow = 0;
	const most = usable - 35;
	if (bytes > most) {
		const least = ((usable - 12) * 32) / 255 - 23;
		const wanted = least + ((bytes - least) % (usable - 4));
		local = wanted <= most ? wanted : least;
	}
	const end = start - PAGE + local;
	if (end + (local < bytes ? 4 : 0) > usable) return false;
	if (local < bytes) {
		overflow = bswap(load<u32>(PAGE + end));
		// No page is the first.
		if (overflow === 0) return false;
	}
	return true;
}

/** Reads a record's head; returns how many values there are, or -1 if it is unfit. */
function readHead(at: usize, end: usize): i32 {
	varintAt = at;
	const headBytes = varint();
	if (headBytes > <u64>(end - at)) return -1;
	const body = at + <usize>headBytes;
	let value = body;
	let count: usize = 0;
	for (; varintAt < body; count++) {
		const type = varint();
		if (type === 10 || type === 11 || count === MOST_VALUES) return -1;
		const size: u64 = type < 12 ? fixedSize(<u32>type) : (type - 12) / 2;
		if (size > <u64>(end - value)) return -1;
		store<u32>(VALUES + 8 * count, <u32>type);
		store<u32>(VALUES + 8 * count, <u32>value, 4);
		value += <usize>size;
	}
	return varintAt === body && value === end ? <i32>count : -1;
}

/** Bytes of a value of one of the types below 10. */
function fixedSize(type: u32): u32 {
	return type <= 4 ? type : type === 5 ? 6 : type <= 7 ? 8 : 0;
}

function writeValue(type: u32, at: usize, isReal: bool): void {
	if (type >= 12) {
		const end = at + ((type - 12) >> 1);
		if (type & 1) textCell(at, end);
		else blobCell(at, end);
	} else if (type === 0) nullCell();
	else if (type === 7) {
		const value = reinterpret<f64>(bswap(load<u64>(at)));
		// What SQLite reads as NULL.
		if (isNaN(value)) nullCell();
		else realCell(value);
	} else {
		const value = integerAt(type, at);
		if (isReal) realCell(<f64>value);
		else integerCell(value);
	}
}

function integerAt(type: u32, at: usize): i64 {
	if (type >= 8) return type - 8;
	const size = fixedSize(type);
	return <i64>bswap(load<u64>(at)) >> (64 - 8 * size);
}

function word(at: usize): usize {
	return bswap(load<u16>(at));
}

/** The place of the next number of 1 to 9 bytes. */
let varintAt: usize = 0;

function varint(): u64 {
	let byte: u64 = load<u8>(varintAt++);
	if (byte < 0x80) return byte;
	let value = byte & 0x7f;
	for (let nth = 2; nth <= 8; nth++) {
		byte = load<u8>(varintAt++);
		value = (value << 7) | (byte & 0x7f);
		if (byte < 0x80) return value;
	}
	return (value << 8) | load<u8>(varintAt++);
}
