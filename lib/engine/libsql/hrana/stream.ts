import type { Row } from '../rows';
import { JSON_TEXT } from './json-encoding';
import type { Answer, Encoding, Failure, Place, Step } from './pipeline';
import { PROTOBUF } from './protobuf-encoding';
import { post, type Server } from './server';

/** Opens a stream in the newest version of the protocol that the server speaks. */
export async function openStream(server: Server): Promise<Stream> {
	const url = new URL('v3-protobuf', server.url).href;
	const { ok } = await server.ask({ url, method: 'GET', headers: new Headers(), body: [] });
	return new Stream(server, ok ? PROTOBUF : JSON_TEXT);
}

/**
 * A stream of the libSQL protocol over HTTP: one connection to the database, on which a transaction may stay open.
 *
 * Requests are carried out one after another, in the order in which they were made. A request needs a token, the baton,
 * that stands in the answer to the one before it; where it stands in front, it is sent as soon as that has come, while the
 * rest of the answer, of some megabytes maybe, is still on the way.
 */
export class Stream {
	/** Of the next request; null when there can be none. */
	#place: Promise<Place | null> = Promise.resolve({ baton: null, baseUrl: null });
	#isOpened = false;
	/** By what it was closed. */
	#failure: unknown = null;

	constructor(
		readonly server: Server,
		readonly encoding: Encoding,
	) {}

	/**
	 * Runs steps, each if the one before it succeeded, and returns the rows of each.
	 *
	 * @param closes closes the stream after them
	 * @throws Error with the `code` of the database, for the first step that failed; of `HRANA_CLOSED_ERROR` if the stream
	 * has been closed. Any other failure closes it, and what is asked behind it fails alike.
	 */
	async run(steps: readonly Step[], { closes = false } = {}): Promise<Row[][]> {
		this.#isOpened = true;
		const before = this.#place;
		let goOn: (place: Place | null) => void = () => {};
		this.#place = new Promise((resolve) => {
			goOn = resolve;
		});
		let answer: Answer;
		try {
			const place = await before;
			if (place === null) throw this.#failure ?? withCode('HRANA_CLOSED_ERROR', 'the stream is closed');
			answer = await this.#ask(place, steps, closes, goOn);
			goOn(answer.place.baton === null ? null : nextTo(place, answer.place));
		} catch (error) {
			this.#failure ??= error;
			throw error;
		} finally {
			goOn(null);
		}
		return rowsOfEach(answer);
	}

	/** Closes the stream after what it has been asked, if it is not closed. Nobody waits for that: a server closes it, too. */
	close(): void {
		if (this.#isOpened) this.run([], { closes: true }).catch(() => {});
	}

	async #ask(place: Place, steps: readonly Step[], closes: boolean, goOn: (place: Place) => void): Promise<Answer> {
		const { server, encoding } = this;
		const asking = { baton: place.baton, steps, closes };
		let hasGoneOn = closes;
		const onBegun = (begun: Buffer) => {
			const next = hasGoneOn ? null : encoding.placeIn(begun);
			if (next === null) return;
			hasGoneOn = true;
			goOn(nextTo(place, next));
		};
		const at = place.baseUrl === null ? server : { ...server, url: place.baseUrl };
		const response = await post(at, encoding, [encoding.encode(asking)], onBegun);
		return encoding.decode(Buffer.from(await response.arrayBuffer()), asking);
	}
}

/** Where a stream goes on that was at `place`. */
function nextTo(place: Place, next: Place): Place {
	return { ...next, baseUrl: next.baseUrl ?? place.baseUrl };
}

function rowsOfEach({ outcomes }: Answer): Row[][] {
	if ('message' in outcomes) throw failed(outcomes);
	return outcomes.map((outcome) => {
		if (outcome === null) throw withCode('TRANSACTION_CLOSED', 'a statement was not run');
		if ('failure' in outcome) throw failed(outcome.failure);
		return outcome.rows;
	});
}

function failed({ message, code }: Failure): Error {
	return code === null ? new Error(message) : withCode(code, message);
}

function withCode(code: string, message: string): Error {
	return Object.assign(new Error(message), { code });
}
