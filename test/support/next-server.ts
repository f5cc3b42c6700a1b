import { type NextProcess, startNextProcess } from './next-process';
import { recordOutput, SECRETS } from './secrets';

export interface Ask {
	/** `/api/cron/backup` by default. */
	readonly path?: string;
	/** `?dryRun=1` and the like. */
	readonly query?: string;
	/** The right one by default; null: none. */
	readonly authorization?: string | null;
	readonly headers?: Record<string, string>;
	readonly method?: string;
	readonly body?: string;
}

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The answer as JSON; undefined if it is not. */
	// biome-ignore lint/suspicious/noExplicitAny: tests look into it as they please
	readonly body: any;
}

/** The built app, and what a test asks of it. What it answers and writes is searched for secrets. */
export interface NextServer extends NextProcess {
	/** Events of the backup route's log, so far. */
	events(): Record<string, unknown>[];
	/** Calls a route. */
	ask(ask?: Ask): Promise<Answer>;
}

/** Starts the app as `startNextProcess` does. */
export async function startNext(env: Record<string, string> = {}): Promise<NextServer> {
	const next = await startNextProcess(env);
	return {
		...next,
		events: () =>
			next
				.output()
				.split('\n')
				.filter((line) => line.startsWith('{"event"'))
				.map((line) => JSON.parse(line)),
		async ask({
			path = '/api/cron/backup',
			query = '',
			authorization = `Bearer ${SECRETS.CRON_SECRET}`,
			headers,
			method,
			body,
		} = {}) {
			const all = new Headers(headers);
			if (authorization !== null) all.set('authorization', authorization);
			// Where it sends to is part of the answer.
			const response = await fetch(next.url + path + query, { method, headers: all, body, redirect: 'manual' });
			const text = await response.text();
			recordOutput(`the answer ${response.status}`, text + JSON.stringify([...response.headers]));
			return { status: response.status, headers: response.headers, text, body: parse(text) };
		},
		async close() {
			await next.close();
			recordOutput("the server's output", next.output());
		},
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
