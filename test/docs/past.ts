import { loadConfig } from '../../lib/config/load';
import { systemClock } from '../../lib/core/clock';
import type { JobContext } from '../../lib/jobs/context';
import { migrate } from '../../lib/jobs/migrate';
import { runNightly } from '../../lib/jobs/nightly';

/** The shop of the page: what its first migration makes, and 160 rows. */
export const TABLES = `
	CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
	CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER NOT NULL, total REAL);
`;
export const ROWS = `
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40)
	INSERT INTO users SELECT i, 'User ' || i FROM n;
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 120)
	INSERT INTO orders SELECT i, 1 + i % 40, i * 1.1 FROM n;
`;

/** A context whose wall clock stands at a moment, and whose ids end in `suffix`. */
function contextAt(at: string, suffix: string): JobContext {
	return {
		clock: { ...systemClock, now: () => new Date(at) },
		random: () => Number.parseInt(suffix, 16) / 0x10000,
	};
}

/** The backup of a night, as the cron route makes it. */
export async function backUpAt(env: Record<string, string>, cwd: string, at: string, suffix: string): Promise<void> {
	const result = await runNightly(
		{
			config: loadConfig(env, { need: ['database', 'name', 'store'], cwd }),
			dryRun: false,
			trigger: 'cron',
			deadlineAt: Date.parse(at) + 300_000,
			log: () => {},
			redact: String,
		},
		contextAt(at, suffix),
	);
	const isWhole = result.status === 'done' && result.copies?.every(({ status }) => status === 'done');
	if (!isWhole) throw new Error(`no backup of ${at}: ${JSON.stringify(result)}`);
}

/** Applies what is pending in the project `cwd` at a moment. */
export async function applyMigrations(
	env: Record<string, string>,
	cwd: string,
	at: string,
	suffix: string,
	backUp: boolean,
): Promise<void> {
	const config = loadConfig(env, { need: ['database', 'name', 'store'], cwd });
	const { error } = await migrate({ config, confirm: true, backUp, allowChanged: false, cwd }, contextAt(at, suffix));
	if (error) throw error;
}
