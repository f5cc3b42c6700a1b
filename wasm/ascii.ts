export const NEWLINE: u8 = 0x0a;
export const SPACE: u8 = 0x20;
export const QUOTE: u8 = 0x22;
export const PLUS: u8 = 0x2b;
export const COMMA: u8 = 0x2c;
export const MINUS: u8 = 0x2d;
export const DOT: u8 = 0x2e;
export const ZERO: u8 = 0x30;
export const ONE: u8 = 0x31;
export const COLON: u8 = 0x3a;
export const UPPER_A: u8 = 0x41;
export const UPPER_E: u8 = 0x45;
export const OPEN: u8 = 0x5b;
export const BACKSLASH: u8 = 0x5c;
export const CLOSE: u8 = 0x5d;
export const LOWER_B: u8 = 0x62;
export const LOWER_E: u8 = 0x65;
export const LOWER_F: u8 = 0x66;
export const LOWER_N: u8 = 0x6e;
export const LOWER_R: u8 = 0x72;
export const LOWER_T: u8 = 0x74;
export const LOWER_U: u8 = 0x75;
export const OPEN_TAG: u8 = 0x7b;
export const CLOSE_TAG: u8 = 0x7d;

/** The place after the decimal digits at `start`: `start` itself where there are none. */
export function skipDigits(start: usize): usize {
	let at = start;
	while (isDigit(load<u8>(at))) at++;
	return at;
}

export function isDigit(byte: u8): bool {
	return <u8>(byte - ZERO) < 10;
}
