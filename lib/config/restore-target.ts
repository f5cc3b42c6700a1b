import { type DatabaseUrl, parseDatabaseUrl } from '../core/database-url';
import type { Secret } from '../core/secret';
import type { Config } from './config';

/** The tokens there are, each beside the database that it was set for. */
export interface KnownTokens {
	readonly database: DatabaseUrl | null;
	/** Null if no database of its own was set for `restoreAuthToken`. */
	readonly restoreDatabase: DatabaseUrl | null;
	readonly restoreAuthToken: Secret | null;
}

/**
 * Gives `target` the token that belongs to its host, if it has none of its own: `RESTORE_AUTH_TOKEN`, unless that was
 * set for another host, else the source's token if it is the same host. A token is never shown to another host than
 * the one it was set for.
 */
export function withTargetToken(target: DatabaseUrl, known: KnownTokens): DatabaseUrl {
	if (target.kind === 'file' || target.authToken !== undefined) return target;
	const { restoreDatabase, database } = known;
	const isForTarget = restoreDatabase === null || hostOf(restoreDatabase) === target.host;
	const own = isForTarget ? (known.restoreAuthToken ?? undefined) : undefined;
	const fromRestoreUrl = restoreDatabase?.kind === 'remote' && isForTarget ? restoreDatabase.authToken : undefined;
	const fromSource = database?.kind === 'remote' && database.host === target.host ? database.authToken : undefined;
	const authToken = own ?? fromRestoreUrl ?? fromSource;
	return authToken === undefined ? target : { ...target, authToken };
}

/**
 * The database that a restore writes to: `url` (from `--to`) if given, else the environment's. Null if there is
 * neither. Throws `USAGE_INVALID` for a URL that cannot be parsed.
 */
export function resolveTarget(config: Config, url?: string, cwd?: string): DatabaseUrl | null {
	if (url === undefined) return config.restoreTarget;
	return withTargetToken(parseDatabaseUrl(url, { cwd }), {
		database: config.database,
		restoreDatabase: config.restoreDatabase,
		restoreAuthToken: config.restoreAuthToken,
	});
}

function hostOf(database: DatabaseUrl): string | null {
	return database.kind === 'remote' ? database.host : null;
}
