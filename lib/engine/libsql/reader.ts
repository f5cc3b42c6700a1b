import type { Header } from '../../format/records';
import type { Connection } from './connect';
import type { Row } from './rows';

/** What reading a table needs of the snapshot. */
export interface Reader {
	readonly kind: Connection['kind'];
	readonly encoding: Header['encoding'];
	/** The database encodes pages of rows exactly, and has the functions for it; else only the exact way is left. */
	readonly encodesRows: boolean;
	/** What has been read so far. */
	readonly tally: {
		/** Rows that were read value by value. */
		exactRows: number;
	};
	/** Read pages as bytes: always from a file, where malformed text ends the process; else as `text` proves wrong. */
	readonly asBytes: boolean;
	/** Of the size that pages usually have: less where a snapshot was lost, as its pages may have taken too long. */
	readonly share: number;
	/** Notes that text is not to be trusted here, and returns the error that starts the reading over. */
	distrustText(table: string): Error;
	/** Runs one statement within the snapshot. `doing` is for the message of a failure. */
	query(sql: string, doing: string): Promise<Row[]>;
	/** Runs statements in one request. */
	queryAll(sqls: readonly string[], doing: string): Promise<Row[][]>;
}
