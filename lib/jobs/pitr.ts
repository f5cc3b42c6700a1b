import type { ConfigWith } from '../config/config';
import { LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import { type JobContext, systemContext, withDatabase } from './context';
import { type Counts, countTables } from './count-tables';
import { findOnPlatform, openTurso, urlBeside, waitForDatabase } from './platform';

export interface PitrOptions {
	readonly config: ConfigWith<'database'>;
	/** The moment as of which; null: a branch as it is now. */
	readonly at: Date | null;
	/** Of the new database; null: made of the source's, and of the time. */
	readonly name: string | null;
	/** Without it, nothing is made. */
	readonly confirm: boolean;
	/** How long the new database is waited for, in ms. */
	readonly waitMs: number;
	readonly signal?: AbortSignal;
	readonly onPart?: (part: 'making' | 'waiting' | 'counting') => void;
}

export interface PitrResult {
	/** The name of the database that it is made from. */
	readonly from: string;
	readonly name: string;
	readonly group: string | null;
	readonly at: Date | null;
	/** Null: nothing was made. */
	readonly made: { readonly url: string; readonly tables: readonly ComparedCount[] } | null;
}

/** The rows of a table in both databases; null: it has no such table. */
export interface ComparedCount {
	readonly table: string;
	readonly rowsThere: number | null;
	readonly rowsNew: number | null;
}

const NAME = /^[a-z0-9-]{1,64}$/;

/**
 * Makes a database from another by Turso's own recovery: as it was at a moment, or as it is. Waits until it answers, and
 * counts the rows of both. Never deletes a database, nor writes into one.
 *
 * @throws LifeboatError `DATABASE_EXISTS`, in a dry run too; `USAGE_INVALID`, `CONFIG_INVALID`, `DATABASE_*`
 */
export async function recoverPoint(options: PitrOptions, context: JobContext = systemContext): Promise<PitrResult> {
	const { config, at, signal } = options;
	const now = context.clock.now();
	if (options.name !== null) checkName(options.name);
	if (at !== null && at.getTime() > now.getTime())
		throw new LifeboatError('USAGE_INVALID', `${at.toISOString()} has not come yet`, {
			hint: `say a moment of the past; it is ${now.toISOString()} now`,
		});
	const platform = openTurso(config, context);
	const { url, database: source } = await findOnPlatform(platform, config.database, signal);
	const name = options.name ?? defaultName(source.name, now);
	if ((await platform.get(name, signal)) !== null)
		throw new LifeboatError('DATABASE_EXISTS', `there is a database called ${name} already`, {
			hint: 'choose another --name: nothing is ever overwritten',
			data: { name },
		});
	const plan = { from: source.name, name, group: source.group, at };
	if (!options.confirm) return { ...plan, made: null };
	options.onPart?.('making');
	const made = await platform.create({ name, group: source.group, from: source.name, at }, signal);
	const beside = urlBeside(url, made);
	const shown = beside.url.replace(/^https:/, 'libsql:');
	const tables = await inStep(`${shown} was made; then, waiting and counting`, async () => {
		options.onPart?.('waiting');
		const authToken = await platform.createReadToken(name, signal);
		const reader = { ...beside, authToken };
		await waitForDatabase(reader, options.waitMs, context, signal);
		options.onPart?.('counting');
		const count = (one: typeof url) =>
			withDatabase(one, { signal }, (database) => countTables(database, context, signal), context);
		return compareCounts(await count(url), await count(reader));
	});
	return { ...plan, made: { url: shown, tables } };
}

function checkName(name: string): void {
	if (NAME.test(name)) return;
	throw new LifeboatError('USAGE_INVALID', 'a name is 1 to 64 characters of a-z, 0-9 and hyphen');
}

/** What tells when it was made, and of what; cut where that is too long. */
function defaultName(source: string, now: Date): string {
	const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
	return `${source.slice(0, 40)}-branch-${stamp}z`;
}

/** Tables of both, in the order of the first; then those that only the second has. */
function compareCounts(there: Counts, made: Counts): ComparedCount[] {
	const rowsThere = new Map(there.tables.map(({ name, rows }) => [name, rows]));
	const rowsNew = new Map(made.tables.map(({ name, rows }) => [name, rows]));
	return [...new Set([...rowsThere.keys(), ...rowsNew.keys()])].map((table) => ({
		table,
		rowsThere: rowsThere.get(table) ?? null,
		rowsNew: rowsNew.get(table) ?? null,
	}));
}
