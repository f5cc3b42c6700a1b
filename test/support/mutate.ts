/** Bytes that parsers take for something else than they look like, or than their authors thought of. */
const TOKENS: readonly Buffer[] = [
	...'" \\ \' , : ; [ ] { } ( ) - . 0 -0 00 -1 1e999 -1e999 1e-999 0.1e1 0.10 1.5 NaN Infinity null true {} [] ""'.split(
		' ',
	),
	...'9223372036854775807 9223372036854775808 -9223372036854775809 9007199254740993 4294967296'.split(' '),
	...'\\ud800 \\udfff \\u0000 \\u000A \\n {"b":"00"} {"t":"FF"} {"t":"61"} "__proto__":{"x":1},'.split(' '),
	...'__proto__ constructor toString length rowid ../ ..\\ /etc/passwd %2e%2e%2f file: :memory: -- /* */ $(x) %s%n'.split(
		' ',
	),
	...['', '\0', '\n', '\r\n', '\t', ' ', '\ufeff', '\u2028', '\u202e', '🚀', 'é', 'e\u0301', '\uffff'],
	...['x'.repeat(5_000), '['.repeat(2_000), '"'.repeat(99), '\\'.repeat(99), '{"a":'.repeat(200), '9'.repeat(400)],
]
	.map((text) => Buffer.from(text))
	// No UTF-8: a lone byte, an overlong slash, a surrogate, past the last character; what gzip members start with.
	.concat(['ff', '80', 'c0af', 'eda080', 'f4908080', 'f09f', '1f8b', '1f8b08'].map((hex) => Buffer.from(hex, 'hex')));

/** Longest piece that is moved about, in bytes. */
const MOST_MOVED = 64;

/**
 * Changes a valid input into one that is nearly valid: from one to four times, bytes are inserted, deleted, doubled,
 * swapped, overwritten, cut off, or taken from another input. What chance decides comes from `random`.
 *
 * @param others inputs to take pieces from
 */
export function mutate(input: Uint8Array, random: () => number, others: readonly Uint8Array[] = []): Buffer {
	let bytes: Buffer = Buffer.from(input);
	for (let left = 1 + below(random, 4); left > 0; left--) bytes = once(bytes, random, others);
	return bytes;
}

/** A whole number from 0 up to, but not, `limit`; 0 if that is 0. */
export function below(random: () => number, limit: number): number {
	return Math.floor(random() * limit);
}

/** One of `list`, which is not empty. */
export function pick<T>(random: () => number, list: readonly T[]): T {
	return list[below(random, list.length)] as T;
}

function once(bytes: Buffer, random: () => number, others: readonly Uint8Array[]): Buffer {
	const at = below(random, bytes.length + 1);
	const end = Math.min(bytes.length, at + 1 + below(random, MOST_MOVED));
	const piece = bytes.subarray(at, end);
	const put = (part: Uint8Array, upTo: number) => Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(upTo)]);
	switch (below(random, 10)) {
		case 0:
			return put(pick(random, TOKENS), at);
		case 1:
			return put(pick(random, TOKENS), end);
		case 2:
			return put(Buffer.alloc(0), end);
		case 3:
			return put(Buffer.concat([piece, piece]), end);
		case 4:
			return put(Buffer.from([below(random, 256)]), at + 1);
		case 5:
			return put(Buffer.from([(bytes[at] ?? 0) ^ (1 << below(random, 8))]), at + 1);
		case 6: {
			// The piece changes places with the one of its length somewhere after it.
			const other = Math.min(bytes.length, end + below(random, bytes.length - end + 1));
			const there = bytes.subarray(other, other + piece.length);
			return Buffer.concat([
				bytes.subarray(0, at),
				there,
				bytes.subarray(end, other),
				piece,
				bytes.subarray(other + there.length),
			]);
		}
		case 7: {
			const from = others.length > 0 ? pick(random, others) : bytes;
			const start = below(random, from.length);
			return put(from.subarray(start, start + 1 + below(random, MOST_MOVED)), random() < 0.5 ? at : end);
		}
		case 8:
			return lineMoved(bytes, random);
		default:
			return random() < 0.2 ? bytes.subarray(0, at) : put(Buffer.from(String(below(random, 2 ** 40))), end);
	}
}

/** A whole line is deleted, doubled, or put somewhere else. */
function lineMoved(bytes: Buffer, random: () => number): Buffer {
	const lines = bytes.toString('latin1').split(/(?<=\n)/);
	const [line = ''] = lines.splice(below(random, lines.length), 1);
	for (let times = below(random, 3); times > 0; times--) lines.splice(below(random, lines.length + 1), 0, line);
	return Buffer.from(lines.join(''), 'latin1');
}
