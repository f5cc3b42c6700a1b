import { expect, onTestFinished } from 'vitest';
import { startFaultProxy } from '../support/fault-proxy';
import type { NextServer } from '../support/next-server';
import { type RawAnswer, rawRequest, sendRaw } from '../support/raw-http';
import { SECRETS } from '../support/secrets';
import { Tally } from '../support/tally';
import { givenDeposit, givenServer } from './deployment';

export const ROUTE = '/api/cron/backup';
/** The header of who is let in. */
export const RIGHT = `Bearer ${SECRETS.CRON_SECRET}`;
/** To one who is let in, 400 before anything is run: so it tells who is. */
export const UNRUN = `${ROUTE}?dryRun=maybe`;

/** The app, with a database and a store that count who comes. */
export interface Guarded {
	readonly next: NextServer;
	/** Sends a request as it is. */
	send(
		method: string,
		target: string,
		headers?: readonly (readonly [string, string])[],
		body?: string,
	): Promise<RawAnswer>;
	/** How many requests have come to the database and the store. */
	runs(): number;
}

/** Starts it, until the test ends. The database is not there. */
export async function givenGuarded(more: Record<string, string> = {}): Promise<Guarded> {
	const deposit = await givenDeposit();
	const database = await startFaultProxy('http://127.0.0.1:9');
	onTestFinished(() => database.close());
	const next = await givenServer({ ...deposit.envFor(database.url), ...more });
	return {
		next,
		send: (method, target, headers, body) => sendRaw(next.url, rawRequest(method, target, headers, body)),
		runs: () => database.requests + Object.values(deposit.blob.requests).reduce((sum, count) => sum + count, 0),
	};
}

/** A tally of who is kept out. */
export const accessTally = (fault: string, provoked: string, promised: string) =>
	new Tally({ area: 'Access', fault, provoked, promised });

/** Expects that an answer tells nothing of the inside. */
export function expectDiscreet({ text, headers }: RawAnswer): void {
	expect(text).not.toMatch(/\n\s+at |node_modules|\/lib\/|Error:/);
	expect(headers.has('x-powered-by')).toBe(false);
	expect(headers.has('set-cookie')).toBe(false);
}
