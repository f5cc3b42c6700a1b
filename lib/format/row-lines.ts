const NEWLINE = 10;

/** The row lines in `bytes` one by one, without their newlines. `bytes` is whole lines in UTF-8. */
export function* rowLines(bytes: Buffer): Generator<string, void, undefined> {
	for (let at = 0; at < bytes.length; ) {
		const end = bytes.indexOf(NEWLINE, at);
		yield bytes.toString('utf8', at, end);
		at = end + 1;
	}
}
