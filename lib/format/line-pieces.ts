const NEWLINE = 10;

/** So much is looked at in one go: little enough to stay in a processor's cache. */
const PIECE_BYTES = 64 * 1024;

/** Cuts whole lines into pieces of whole lines, of 64 KB at most; a longer line is a piece by itself. */
export function* linePieces(bytes: Buffer): Generator<Buffer, void, undefined> {
	for (let at = 0; at < bytes.length; ) {
		const most = at + PIECE_BYTES;
		let end = bytes.length;
		if (most < end) end = bytes.subarray(at, most).lastIndexOf(NEWLINE) + 1 + at;
		if (end === at) end = bytes.indexOf(NEWLINE, most) + 1 || bytes.length;
		yield bytes.subarray(at, end);
		at = end;
	}
}
