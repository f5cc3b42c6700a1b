import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { runScript, type ScriptRun } from '../support/cli';
import { DatabaseTokens } from '../support/database-tokens';
import { startFaultProxy } from '../support/fault-proxy';
import { Fixtures } from '../support/fixtures';
import { describeWithShared } from '../support/fixtures-fidelity';
import { startSqld } from '../support/sqld';
import { prepareAdmin } from '../support/sqld-admin';
import { casesOf, Tally } from '../support/tally';
import { type Content, contentOf, type FaultCase, runCases, type Tried } from './database-cases';
import { givenSource, type RestoreFolder } from './restore-cases';

const LIMIT_MS = casesOf(120_000, 900_000);

const fixtures = new Fixtures();
let sourceUrl: string;
let content: Content;
let folder: RestoreFolder;
/** How many requests a restore takes that nothing is done to. */
let requests: number;

beforeAll(async () => {
	({ url: sourceUrl, content, folder } = await givenSource(fixtures));
	const proxy = await startFaultProxy((await fixtures.sqld()).url);
	await folder.restore(proxy.url);
	requests = proxy.requests;
	await proxy.close();
});
afterAll(() => fixtures.close());

/**
 * As a person does it: the libSQL client drops failures of statements that it does not wait for, which ends a process
 * that does not listen for them, and the commands do.
 */
function restore(to: string, token: string | null, ...words: string[]): Promise<ScriptRun> {
	const backup = join(folder.path, 'backup.ndjson.gz');
	const env = token === null ? undefined : { RESTORE_AUTH_TOKEN: token };
	return runScript('restore-turso', [backup, '--to', to, '--confirm', '--json', ...words], { cwd: folder.path, env });
}

/** Judges a restore that was refused, and what the next one has made. */
async function judge(first: ScriptRun, second: ScriptRun, url: string, close: () => Promise<void>): Promise<Tried> {
	const faults: string[] = [];
	const { error } = first.json();
	if (first.exit !== 6 || error.code !== 'DATABASE_REFUSED') faults.push('it was not refused');
	if (!error.hint || !error.data.step) faults.push('it says too little');
	if (second.exit !== 0) faults.push(`the next one ended with ${second.exit}: ${second.stdout}`);
	else if (JSON.stringify(await contentOf(url)) !== JSON.stringify(content))
		faults.push('it is not what was backed up');
	const story = [JSON.stringify(error), ...faults].join('; ');
	const outcome = faults.length > 0 ? 'wrong' : 'resumed';
	return { outcome, story, error: null, events: [], restoredUrl: faults.length > 0 ? null : url, close };
}

describeWithShared('a restore into a database that takes no writes', () => {
	it(
		'the plan is used up',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'quota BLOCKED',
				provoked: 'sqld blocks writes, before requests all over a restore by the command',
				promised: 'stopped with a target in which --resume ends exact',
			});
			const count = casesOf(4, 20);
			const cases = Array.from({ length: count }, (_, at): FaultCase => {
				// The last requests only compare.
				const nth = 1 + Math.floor((at * requests * 0.7) / count);
				return {
					name: `blocked from request ${nth} of ${requests} on`,
					may: ['resumed'],
					run: async () => {
						const admin = await prepareAdmin();
						const server = await startSqld({ args: admin.args });
						const proxy = await startFaultProxy(server.url);
						proxy.onRequest = (seen) => (seen.nth === nth ? admin.block({ reads: false, writes: true }) : undefined);
						const first = await restore(proxy.url, null);
						await proxy.close();
						await admin.block({ reads: false, writes: false });
						const second = await restore(server.url, null, '--resume');
						return judge(first, second, server.url, () => server.close());
					},
				};
			});
			await runCases(tally, cases, sourceUrl, 2);
		},
		LIMIT_MS,
	);

	it(
		'a token may only read',
		async () => {
			const tally = new Tally({
				area: 'Restore',
				fault: 'read-only token',
				provoked: 'sqld with a key of its own, and a token that may only read',
				promised: 'refused, and with another token exact',
			});
			const tokens = new DatabaseTokens();
			const server = await fixtures.sqld(await tokens.serverOptions(await fixtures.folder()));
			const run = async () => {
				const first = await restore(server.url, tokens.sign({ a: 'ro' }));
				const second = await restore(server.url, tokens.sign());
				return judge(first, second, `${server.url}?authToken=${tokens.sign()}`, async () => {});
			};
			await runCases(tally, [{ name: 'read-only', may: ['resumed'], run }], sourceUrl);
		},
		LIMIT_MS,
	);
});
