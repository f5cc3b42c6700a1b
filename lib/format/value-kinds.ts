/**
 * What kinds of values a run of rows has, as bits. Those that SQLite would convert on their way into a column of
 * another affinity (sqlite.org/datatype3.html) are told from those that it would not.
 */
export const KIND = {
	null: 1,
	integer: 2,
	/** Any other REAL. */
	real: 4,
	/** A REAL that is a whole number between those of 64 bits: `1.0`. */
	wholeReal: 8,
	text: 16,
	/** A TEXT that reads as a number. */
	numericText: 32,
	/** A tagged hex object. */
	tagged: 64,
} as const;
