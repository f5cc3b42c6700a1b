import {
	BACKSLASH,
	CLOSE,
	CLOSE_TAG,
	COMMA,
	LOWER_B,
	LOWER_F,
	LOWER_N,
	LOWER_R,
	LOWER_T,
	LOWER_U,
	MINUS,
	NEWLINE,
	OPEN,
	QUOTE,
	SPACE,
	ZERO,
} from './ascii';
import { writeDigits, writeReal } from './real';

/**
 * Row lines as the format has them, written from values as a database stores them: `openRow`, its cells, `closeRow`.
 * The caller sees to the room: a cell takes at most 28 bytes beside six for each of a text or two for each of a blob,
 * and what is beyond a cell's end is overwritten.
 */

/** The place of what is written next. */
export let out: usize = 0;
/** Lines that were ended. */
export let rows: i32 = 0;

/** Begins a run of lines. */
export function rewind(at: usize): void {
	out = at;
	rows = 0;
}

export function openRow(): void {
	store<u8>(out++, OPEN);
}

/** Puts the row's end into the place of its last comma. */
export function closeRow(): void {
	store<u8>(out - 1, CLOSE);
	store<u8>(out++, NEWLINE);
	rows++;
}

export function nullCell(): void {
	// 'null'
	store<u32>(out, 0x6c6c756e);
	store<u8>(out + 4, COMMA);
	out += 5;
}

export function integerCell(value: i64): void {
	let rest = <u64>value;
	if (value < 0) {
		store<u8>(out++, MINUS);
		rest = 0 - rest;
	}
	let count = 1;
	for (let limit: u64 = 10; rest >= limit; limit *= 10) count++;
	writeDigits(rest, count, out);
	out += count;
	store<u8>(out++, COMMA);
}

/** @param value not NaN */
export function realCell(value: f64): void {
	out = writeReal(value, out);
	store<u8>(out++, COMMA);
}

/** The TEXT from `start` to `end`; what is not valid UTF-8 goes tagged. Up to 16 bytes beyond are read. */
export function textCell(start: usize, end: usize): void {
	let at = out;
	store<u8>(at++, QUOTE);
	for (let from = start; from < end; ) {
		const bytes = v128.load(from);
		v128.store(at, bytes);
		// Of signed bytes, those of a character of several are below the space too.
		const apart = i8x16.bitmask(
			v128.or(
				i8x16.lt_s(bytes, i8x16.splat(SPACE)),
				v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
			),
		);
		const plain = min<usize>(apart === 0 ? 16 : ctz(apart), end - from);
		from += plain;
		at += plain;
		if (plain === 16 || from === end) continue;
		const byte = load<u8>(from);
		if (byte < 0x80) {
			at = writeEscape(byte, at);
			from++;
			continue;
		}
		do {
			const length = characterAt(from, end);
			if (length === 0) {
				taggedCell(LOWER_T, start, end);
				return;
			}
			store<u32>(at, load<u32>(from));
			from += length;
			at += length;
		} while (from < end && load<u8>(from) >= 0x80);
	}
	store<u8>(at, QUOTE);
	store<u8>(at + 1, COMMA);
	out = at + 2;
}

export function blobCell(start: usize, end: usize): void {
	taggedCell(LOWER_B, start, end);
}

/** The bytes of the character at `at`, of several; 0 where it is none of UTF-8 (The Unicode Standard, table 3-7). */
function characterAt(at: usize, end: usize): usize {
	const first = load<u8>(at);
	if (first < 0xc2 || first > 0xf4) return 0;
	const length: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (at + length > end) return 0;
	const second = load<u8>(at + 1);
	const least: u8 = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
	const most: u8 = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
	if (second < least || second > most) return 0;
	for (let nth: usize = 2; nth < length; nth++) if ((load<u8>(at + nth) & 0xc0) !== 0x80) return 0;
	return length;
}

function writeEscape(byte: u8, at: usize): usize {
	store<u8>(at, BACKSLASH);
	let letter: u8 = 0;
	switch (byte) {
		case QUOTE:
		case BACKSLASH:
			letter = byte;
			break;
		case 8:
			letter = LOWER_B;
			break;
		case 9:
			letter = LOWER_T;
			break;
		case 10:
			letter = LOWER_N;
			break;
		case 12:
			letter = LOWER_F;
			break;
		case 13:
			letter = LOWER_R;
			break;
	}
	if (letter !== 0) {
		store<u8>(at + 1, letter);
		return at + 2;
	}
	store<u8>(at + 1, LOWER_U);
	// '00'
	store<u16>(at + 2, 0x3030);
	store<u8>(at + 4, ZERO + (byte >> 4));
	const low = byte & 15;
	store<u8>(at + 5, low < 10 ? ZERO + low : 0x61 - 10 + low);
	return at + 6;
}

/** `{"b":"…"}` or `{"t":"…"}`: the bytes as upper-case hex digits. */
function taggedCell(tag: u8, start: usize, end: usize): void {
	let at = out;
	// '{"?":"'
	store<u64>(at, 0x22_3a_22_00_22_7b | ((<u64>tag) << 16));
	at += 6;
	const digits = i8x16(0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46);
	for (let from = start; from < end; from += 16, at += 32) {
		const bytes = v128.load(from);
		const high = i8x16.swizzle(digits, i8x16.shr_u(bytes, 4));
		const low = i8x16.swizzle(digits, v128.and(bytes, i8x16.splat(15)));
		v128.store(at, i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
		v128.store(at, i8x16.shuffle(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
	}
	at = out + 6 + 2 * (end - start);
	store<u8>(at, QUOTE);
	store<u8>(at + 1, CLOSE_TAG);
	store<u8>(at + 2, COMMA);
	out = at + 3;
}
