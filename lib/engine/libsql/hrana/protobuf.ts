import { NotOfProtocol } from '../not-of-protocol';

/** What a field holds: a number, or bytes: those of a string, of a message, of a number of fixed length. */
export type FieldValue = bigint | Buffer;

const [VARINT, FIXED_64, BYTES, FIXED_32] = [0, 1, 2, 5];
/** A number has at most 64 bits, seven in a byte. */
const MOST_VARINT_BYTES = 10;

/**
 * Reads the fields of a message in Protocol Buffers (protobuf.dev/programming-guides/encoding), in their order.
 *
 * @param isBegun only the beginning of the message is there; of its last field the value may be cut
 * @throws NotOfProtocol for what is none, or ends early
 */
export function* fieldsOf(
	message: Buffer,
	isBegun = false,
): Generator<[number: number, value: FieldValue], void, undefined> {
	let at = 0;
	const varint = (): bigint => {
		let value = 0n;
		for (let nth = 0; nth < MOST_VARINT_BYTES; nth++) {
			const byte = message[at++];
			if (byte === undefined) throw new NotOfProtocol('a message ends early');
			value |= BigInt(byte & 127) << BigInt(7 * nth);
			if (byte < 128) return value;
		}
		throw new NotOfProtocol('a number is too long');
	};
	const bytes = (length: number): Buffer => {
		const start = at;
		at += length;
		if (at > message.length && !isBegun) throw new NotOfProtocol('a message ends early');
		return message.subarray(start, at);
	};
	while (at < message.length) {
		const tag = Number(varint());
		const number = Math.floor(tag / 8);
		switch (tag % 8) {
			case VARINT:
				yield [number, varint()];
				break;
			case FIXED_64:
				yield [number, bytes(8)];
				break;
			case BYTES:
				yield [number, bytes(Number(varint()))];
				break;
			case FIXED_32:
				yield [number, bytes(4)];
				break;
			default:
				throw new NotOfProtocol('a field of no known kind');
		}
	}
}

/** A field's value as bytes. Throws {@link NotOfProtocol} if it is a number. */
export function bytesOf(value: FieldValue): Buffer {
	if (typeof value === 'bigint') throw new NotOfProtocol('a number where there are bytes');
	return value;
}

/** A field's value as text. */
export function textOf(value: FieldValue): string {
	return bytesOf(value).toString();
}

/** A field's value as a number from 0 on. */
export function numberOf(value: FieldValue): number {
	if (typeof value !== 'bigint') throw new NotOfProtocol('bytes where there is a number');
	return Number(value);
}

/** Writes a field: text, a number from 0 on, or a message given in parts. */
export function field(number: number, value: string | number | readonly Uint8Array[]): Buffer {
	if (typeof value === 'number') return Buffer.concat([varintOf(8 * number + VARINT), varintOf(value)]);
	const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.concat(value);
	return Buffer.concat([varintOf(8 * number + BYTES), varintOf(bytes.length), bytes]);
}

function varintOf(value: number): Buffer {
	const bytes: number[] = [];
	let rest = value;
	for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
	return Buffer.from([...bytes, rest]);
}
