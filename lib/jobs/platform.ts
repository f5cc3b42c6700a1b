import type { Config } from '../config/config';
import { type DatabaseUrl, parseDatabaseUrl, type RemoteDatabaseUrl } from '../core/database-url';
import { LifeboatError } from '../core/errors';
import type { Secret } from '../core/secret';
import { TimeLimitError, withTimeLimit } from '../core/time-limit';
import { openPlatform, type PlatformDatabase, type TursoPlatform } from '../engine/turso/platform';
import { type JobContext, withDatabase } from './context';

/** Opens Turso's Platform API. Throws `CONFIG_INVALID` if it is not configured. */
export function openTurso({ platform }: Config, context: JobContext): TursoPlatform {
	if (platform !== null) return openPlatform({ ...platform, ...context });
	throw new LifeboatError('CONFIG_INVALID', "Turso's Platform API is not configured", {
		hint: 'set TURSO_API_TOKEN and TURSO_ORGANIZATION',
		data: { variables: ['TURSO_API_TOKEN', 'TURSO_ORGANIZATION'] },
	});
}

/** A database, and what the platform knows of it. */
export interface OnPlatform {
	readonly url: RemoteDatabaseUrl;
	readonly database: PlatformDatabase;
	/** Every database of the organization. */
	readonly all: readonly PlatformDatabase[];
}

/**
 * Finds the database at `url` among those of the organization, by its host.
 *
 * @throws LifeboatError `DATABASE_NOT_FOUND`; `USAGE_INVALID` for one in a file
 */
export async function findOnPlatform(
	platform: TursoPlatform,
	url: DatabaseUrl,
	signal?: AbortSignal,
): Promise<OnPlatform> {
	if (url.kind === 'file')
		throw new LifeboatError('USAGE_INVALID', 'a database in a file has no branches and no recovery of its own', {
			hint: 'set TURSO_DATABASE_URL to that of a database of Turso Cloud',
		});
	const all = await platform.list(signal);
	const database = all.find(({ hostname }) => hostname === url.host);
	if (database !== undefined) return { url, database, all };
	throw new LifeboatError('DATABASE_NOT_FOUND', `no database of the organization has the host ${url.host}`, {
		hint: 'set TURSO_ORGANIZATION to the one that has it, and TURSO_DATABASE_URL to what turso db show NAME --url prints',
	});
}

/** The URL of a database beside another, which is reached in the same way. */
export function urlBeside(
	source: RemoteDatabaseUrl,
	{ hostname }: PlatformDatabase,
	authToken?: Secret,
): RemoteDatabaseUrl {
	const { protocol } = new URL(source.url);
	const url = parseDatabaseUrl(`${protocol}//${hostname}`) as RemoteDatabaseUrl;
	return authToken === undefined ? url : { ...url, authToken };
}

/** Between two looks, in ms. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Waits until a database that has just been made answers.
 *
 * @throws LifeboatError `DATABASE_UNREACHABLE` when it has not within `limitMs`
 */
export async function waitForDatabase(
	url: RemoteDatabaseUrl,
	limitMs: number,
	context: JobContext,
	signal?: AbortSignal,
): Promise<void> {
	let last: unknown;
	const wait = async (limited: AbortSignal): Promise<void> => {
		for (;;) {
			try {
				return await withDatabase(url, { signal: limited }, async () => {}, context);
			} catch (error) {
				limited.throwIfAborted();
				// Until it is there, whatever stands before it may say anything.
				if (!(error instanceof LifeboatError) || error.class !== 'unreachable') throw error;
				last = error;
			}
			await context.clock.sleep(LOOK_AGAIN_MS, limited);
		}
	};
	try {
		await withTimeLimit(limitMs, signal, wait);
	} catch (error) {
		if (!(error instanceof TimeLimitError)) throw error;
		throw new LifeboatError('DATABASE_UNREACHABLE', `${url.host} has not answered within ${limitMs} ms`, {
			hint: 'it has been made, and may answer later',
			data: { host: url.host },
			cause: last ?? error,
		});
	}
}
