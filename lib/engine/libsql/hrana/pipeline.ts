import type { Row } from '../rows';

/** A statement, and the TEXT values of its parameters. It is run if the one before it succeeded. */
export interface Step {
	readonly sql: string;
	readonly args: readonly string[];
}

/** What one request asks of a stream. */
export interface Asking {
	/** Of the answer before; null for the first. */
	readonly baton: string | null;
	readonly steps: readonly Step[];
	/** The stream is not used any more. */
	readonly closes: boolean;
}

/** Where, and as what, a stream goes on. */
export interface Place {
	readonly baton: string | null;
	/** Null: where it was. */
	readonly baseUrl: string | null;
}

/** A statement, or all of a request, that failed. */
export interface Failure {
	readonly message: string;
	readonly code: string | null;
}

/** What became of a step: its rows, its failure; null if it was not run. */
export type Outcome = { readonly rows: Row[] } | { readonly failure: Failure } | null;

export interface Answer {
	readonly place: Place;
	/** Of the steps; one failure where they were not taken at all. */
	readonly outcomes: readonly Outcome[] | Failure;
}

/**
 * An encoding of requests to a stream of the libSQL protocol, and of their answers ("Hrana over HTTP":
 * github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md).
 */
export interface Encoding {
	/** The path of requests, from the database's URL. */
	readonly path: string;
	readonly contentType: string;
	/** Bytes come as they are. */
	readonly takesBytes: boolean;
	encode(asking: Asking): Buffer;
	/** @throws NotOfProtocol for what is no answer to this */
	decode(body: Buffer, asking: Asking): Answer;
	/** The place as it stands at the beginning of an answer, before all of that has come; null if it does not yet. */
	placeIn(begun: Buffer): Place | null;
}
