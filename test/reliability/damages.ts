import { gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';
import type { Case, Files } from './shelf';

const [GZIP_HEADER_BYTES, GZIP_TRAILER_BYTES] = [10, 8];

/** One part of a backup with each of its bits turned, one after another. */
export function* everyBit(part: keyof Files, files: Files): Generator<Case> {
	const bytes = files[part];
	for (let bit = 0; bit < bytes.length * 8; bit++) yield [`bit ${bit}`, { [part]: withBit(bytes, bit) }];
}

/** One part of a backup cut before each of its bytes, one after another. */
export function* everyCut(part: keyof Files, files: Files): Generator<Case> {
	const bytes = files[part];
	for (let end = 0; end < bytes.length; end++) yield [`cut at ${end}`, { [part]: bytes.subarray(0, end) }];
}

export function withBit(bytes: Buffer, bit: number): Buffer {
	const copy = Buffer.from(bytes);
	copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
	return copy;
}

/** Every way of exchanging two parts of a file, of leaving one out, and of doubling one. */
export function* reordered(parts: readonly Buffer[]): Generator<Case> {
	for (const [one, part] of parts.entries()) {
		yield [`without part ${one}`, { data: Buffer.concat(parts.toSpliced(one, 1)) }];
		yield [`part ${one} twice`, { data: Buffer.concat(parts.toSpliced(one, 0, part)) }];
		for (let other = one + 1; other < parts.length; other++) {
			const exchanged = parts.with(one, parts[other] as Buffer).with(other, part);
			yield [`parts ${one} and ${other} exchanged`, { data: Buffer.concat(exchanged) }];
		}
	}
}

export function partsOf(data: Buffer, bytes: number): Buffer[] {
	const count = Math.ceil(data.length / bytes);
	return Array.from({ length: count }, (_, nth) => data.subarray(nth * bytes, (nth + 1) * bytes));
}

/** The gzip members of a file of ours, whose headers have no more than they must. */
export function membersOf(data: Buffer): Buffer[] {
	const members: Buffer[] = [];
	for (let at = 0; at < data.length; ) {
		const { engine } = inflateRawSync(data.subarray(at + GZIP_HEADER_BYTES), { info: true }) as unknown as {
			engine: { bytesWritten: number };
		};
		const end = at + GZIP_HEADER_BYTES + engine.bytesWritten + GZIP_TRAILER_BYTES;
		members.push(data.subarray(at, end));
		at = end;
	}
	return members;
}

/** The lines of a backup, each with its newline. */
export function linesOf(data: Buffer): string[] {
	return gunzipSync(data)
		.toString('latin1')
		.split(/(?<=\n)/);
}

export function ofLines(lines: readonly string[]): Buffer {
	return gzipSync(Buffer.from(lines.join(''), 'latin1'));
}
