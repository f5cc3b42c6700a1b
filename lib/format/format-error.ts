/** Bytes that break a rule of the format. The decoder adds where in the file they are; nobody else sees it. */
export class FormatError extends Error {
	override readonly name = 'FormatError';

	constructor(
		message: string,
		/** Where the damage is, counted from the start of the bytes that were examined. */
		readonly at = 0,
	) {
		super(message);
	}
}
