import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Children, Ended } from './children';
import { type Report, showJson } from './report';
import { within } from './within';

/** Where the demo works, and with what. */
export interface Stage {
	/** The checkout. */
	readonly root: string;
	/** Ours alone, taken away at the end. */
	readonly folder: string;
	readonly secret: string;
	/** For what works on the shop; no secret in it. */
	readonly env: Readonly<Record<string, string>>;
	readonly children: Children;
	readonly report: Report;
	/** Aborts when the demo is to end early. */
	readonly signal: AbortSignal;
}

/** A JSON answer of the route; which fields are there is for the steps to expect. */
export interface Answer {
	readonly status: number;
	readonly body: {
		readonly status?: string;
		readonly rows?: number;
		readonly backup?: { readonly id?: string; readonly rows?: number; readonly proof?: string };
		readonly error?: { readonly code?: string };
	};
}

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const SCRIPT_LIMIT_MS = 60_000;
const REQUEST_LIMIT_MS = 60_000;

/**
 * Runs an operator's script as a process of its own, and shows it; `words` are its file and its arguments. With `last`,
 * only so many lines of what it says are shown, from the end.
 */
export async function runScript(stage: Stage, words: readonly string[], last?: number): Promise<Ended> {
	const { root, folder, env, report } = stage;
	const [script = '', ...rest] = words;
	report.command(['npx tsx', ...words].join(' '));
	// From a folder without .env files: a script reads those of the working directory.
	const command = { words: ['--import', TSX, join(root, script), ...rest], cwd: folder, env };
	const ended = await stage.children.run(command, SCRIPT_LIMIT_MS, stage.signal);
	const isCut = last !== undefined && ended.code === 0;
	report.answer(isCut ? ended.stdout.trimEnd().split('\n').slice(-last).join('\n') : ended.stdout + ended.stderr, 50);
	report.expect(ended.code === 0, `${basename(script)} ends with exit code 0`);
	return ended;
}

/** Asks the route as Vercel's scheduler does, and shows it, `most` lines of the answer. */
export async function callRoute(
	stage: Stage,
	url: string,
	{ secret = stage.secret, most = 40 }: { secret?: string; most?: number } = {},
): Promise<Answer> {
	const shown = secret === stage.secret ? '$CRON_SECRET' : secret;
	stage.report.command(
		`curl -i -A vercel-cron/1.0 -H 'x-vercel-cron-schedule: 0 2 * * *' \\`,
		`  -H "Authorization: Bearer ${shown}" '${url}'`,
	);
	const ask = async (): Promise<Answer> => {
		const response = await fetch(url, {
			headers: {
				authorization: `Bearer ${secret}`,
				'user-agent': 'vercel-cron/1.0',
				'x-vercel-cron-schedule': '0 2 * * *',
			},
			redirect: 'error',
			signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
		});
		return { status: response.status, body: await response.json() };
	};
	const answer = await within(ask(), REQUEST_LIMIT_MS, 'the request', stage.signal);
	stage.report.answer(`HTTP ${answer.status}\n${showJson(answer.body)}`, most);
	return answer;
}
