import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { type DatabaseUrl, parseDatabaseUrl } from '../core/database-url';
import { LifeboatError } from '../core/errors';
import { Secret } from '../core/secret';
import { defaultBackupName } from './backup-name';
import type {
	BlobCredentials,
	Config,
	ConfigNeed,
	ConfigWith,
	PlatformConfig,
	StoreConfig,
	WatchConfig,
} from './config';
import { invalidCopy, parseCopies } from './copies';
import { isDeployed as isDeployedBy } from './deployed';
import type { EnvironmentSource } from './environment';
import { DEFAULT_MEDIA } from './media';
import { missingParts } from './needs';
import { type ConfigProblem, configInvalid } from './problem';
import { withTargetToken } from './restore-target';
import { DEFAULT_RETENTION } from './retention';
import { type Environment, environmentSchema, type VariableName } from './schema';
import { telemetryOf } from './telemetry';
import { watchOf } from './watch';

export interface LoadConfigOptions<N extends ConfigNeed> {
	/** The parts that must be there. What is there must be valid, needed or not. */
	readonly need?: readonly N[];
	/** Where relative paths start; the working directory by default. */
	readonly cwd?: string;
}

/**
 * Parses the environment. Throws one `CONFIG_INVALID` that lists every problem by variable name (also in
 * `data.variables`), never by value. What is wrong with a copy is told by that copy alone, and a wrong
 * password of the page closes the page: neither must cost the backup.
 */
export function loadConfig<const N extends ConfigNeed = never>(
	env: EnvironmentSource,
	options: LoadConfigOptions<N> = {},
): ConfigWith<N> {
	const { config, problems } = examine(env, options);
	if (problems.length > 0) throw configInvalid(problems);
	return config as ConfigWith<N>;
}

/** What {@link loadConfig} would throw for, one by one; none if it would not. */
export function findProblems(env: EnvironmentSource, options: LoadConfigOptions<ConfigNeed> = {}): ConfigProblem[] {
	return examine(env, options).problems;
}

function examine(env: EnvironmentSource, { need = [], cwd = process.cwd() }: LoadConfigOptions<ConfigNeed>) {
	const problems: ConfigProblem[] = [];
	const values = parseVariables(env, problems);
	const config = assemble(values, env, cwd, problems);
	problems.push(...missingParts(config, need, problems));
	return { config, problems: problems.filter((problem) => !isOfList(problem) && !isOfPage(problem)) };
}

/**
 * Reads `CRON_SECRET` alone, so that a caller who has not shown it yet learns nothing of the other variables. Throws
 * `CONFIG_INVALID` if it is unset or unfit.
 */
export function loadCronSecret(env: EnvironmentSource): Secret {
	return needed(loadAlone(env, 'CRON_SECRET'), 'CRON_SECRET');
}

/** Reads `HEALTH_SECRET` alone; null if it is unset and not needed. Throws `CONFIG_INVALID` as above. */
export function loadHealthSecret(env: EnvironmentSource, options: { readonly isNeeded: true }): Secret;
export function loadHealthSecret(env: EnvironmentSource): Secret | null;
export function loadHealthSecret(env: EnvironmentSource, options?: { readonly isNeeded: true }): Secret | null {
	const secret = loadAlone(env, 'HEALTH_SECRET');
	return options?.isNeeded ? needed(secret, 'HEALTH_SECRET') : secret;
}

/** Reads `STATUS_PASSWORD` alone; null if it is unset. Throws `CONFIG_INVALID` as above. */
export function loadStatusPassword(env: EnvironmentSource): Secret | null {
	return loadAlone(env, 'STATUS_PASSWORD');
}

type BearerVariable = 'CRON_SECRET' | 'HEALTH_SECRET';

function loadAlone(env: EnvironmentSource, variable: BearerVariable | 'STATUS_PASSWORD'): Secret | null {
	const problems: ConfigProblem[] = [];
	const secret = parseVariables({ [variable]: env[variable] }, problems)[variable];
	if (problems.length > 0) throw configInvalid(problems);
	return toSecret(secret);
}

function needed(secret: Secret | null, variable: BearerVariable): Secret {
	if (secret === null) throw configInvalid([{ variable, message: 'is not set' }]);
	return secret;
}

/** `STATUS_RUNBOOK_URL` alone; null if it is unset or unfit. */
export function loadRunbookUrl({ STATUS_RUNBOOK_URL }: EnvironmentSource): string | null {
	return parseVariables({ STATUS_RUNBOOK_URL }, []).STATUS_RUNBOOK_URL ?? null;
}

/** The settings of alerts and heartbeat alone, without what is wrong of them: to tell of a configuration that is. */
export function loadWatch(env: EnvironmentSource): WatchConfig {
	return watchOf(parseVariables(env, []), []);
}

function parseVariables(env: EnvironmentSource, problems: ConfigProblem[]): Partial<Environment> {
	const values: Record<string, unknown> = {};
	for (const [variable, field] of Object.entries(environmentSchema.shape)) {
		const parsed = field.safeParse(env[variable]?.trim() || undefined);
		if (parsed.success) values[variable] = parsed.data;
		else problems.push({ variable: variable as VariableName, message: parsed.error.issues[0]?.message ?? 'is wrong' });
	}
	return values as Partial<Environment>;
}

function assemble(
	values: Partial<Environment>,
	env: EnvironmentSource,
	cwd: string,
	problems: ConfigProblem[],
): Config {
	const source = databaseOf(values, 'TURSO_DATABASE_URL', 'TURSO_AUTH_TOKEN', cwd, problems);
	const database = withOwnToken(source, values.TURSO_AUTH_TOKEN);
	const restoreUrl = databaseOf(values, 'RESTORE_DATABASE_URL', 'RESTORE_AUTH_TOKEN', cwd, problems);
	const restoreAuthToken = toSecret(values.RESTORE_AUTH_TOKEN);
	const tokens = { database, restoreDatabase: restoreUrl, restoreAuthToken };
	const restoreDatabase = restoreUrl && withTargetToken(restoreUrl, tokens);
	const blob = blobOf(values);
	const localDir = resolve(cwd, values.BACKUP_LOCAL_DIR ?? 'backups');
	const isDeployed = isDeployedBy(values);
	const prefix = values.BACKUP_PREFIX ?? 'backups';
	return {
		database,
		restoreDatabase,
		restoreAuthToken,
		// The source as it stands in its URL: a token for restoring goes before one that may only read.
		restoreTarget: restoreDatabase ?? (source && withTargetToken(source, tokens)),
		cronSecret: toSecret(values.CRON_SECRET),
		store: storeOf(values, blob, localDir, isDeployed, problems),
		blob,
		copies: problems.some(isOfList)
			? [invalidCopy('BACKUP_COPIES', problems.filter(isOfList))]
			: parseCopies(env, values.BACKUP_COPIES ?? [], { prefix, cwd, localDir, isDeployed }),
		localDir,
		prefix,
		name: values.BACKUP_NAME ?? (database && defaultBackupName(database)),
		source: values.BACKUP_SOURCE ?? 'primary',
		platform: platformOf(values),
		proof: values.BACKUP_PROOF ?? 'restore',
		recipients: values.BACKUP_AGE_RECIPIENTS ?? [],
		ageIdentity: ageIdentityOf(values, isDeployed, problems),
		retention: values.BACKUP_RETENTION === undefined ? DEFAULT_RETENTION : values.BACKUP_RETENTION,
		rtoMinutes: values.BACKUP_RTO_MINUTES ?? 60,
		rpoMinutes: values.BACKUP_RPO_MINUTES ?? 24 * 60 + 30,
		scratchDir: resolve(cwd, values.BACKUP_SCRATCH_DIR ?? tmpdir()),
		keyNames: values.BACKUP_KEY_FINGERPRINTS ?? [],
		secretOf: (variable) => toSecret(env[variable] || undefined),
		media: values.BACKUP_MEDIA ?? DEFAULT_MEDIA,
		mediaBlob: blobOf({ BLOB_READ_WRITE_TOKEN: values.MEDIA_READ_WRITE_TOKEN }) ?? blob,
		mediaAccess: values.MEDIA_ACCESS ?? 'public',
		elsewhere: values.BACKUP_ELSEWHERE ?? [],
		maxDurationSeconds: values.BACKUP_MAX_DURATION_SECONDS ?? 300,
		watch: watchOf(values, problems),
		telemetry: telemetryOf(env),
		isDeployed,
	};
}

/** Claims that it is the page's password that is wrong: the page is closed by it, and says so in the log. */
function isOfPage({ variable }: ConfigProblem): boolean {
	return variable === 'STATUS_PASSWORD';
}

/** Claims that it is the list of copies that is wrong. */
function isOfList({ variable }: ConfigProblem): boolean {
	return variable === 'BACKUP_COPIES';
}

function databaseOf(
	values: Partial<Environment>,
	variable: 'TURSO_DATABASE_URL' | 'RESTORE_DATABASE_URL',
	tokenVariable: 'TURSO_AUTH_TOKEN' | 'RESTORE_AUTH_TOKEN',
	cwd: string,
	problems: ConfigProblem[],
): DatabaseUrl | null {
	const text = values[variable];
	if (text === undefined) return null;
	let database: DatabaseUrl;
	try {
		database = parseDatabaseUrl(text, { cwd });
	} catch (error) {
		if (!(error instanceof LifeboatError)) throw error;
		problems.push({ variable, message: `is not usable: ${error.message}` });
		return null;
	}
	const inUrl = database.kind === 'remote' ? database.authToken?.reveal() : undefined;
	const apart = values[tokenVariable];
	if (inUrl !== undefined && apart !== undefined && inUrl !== apart) {
		problems.push({ variable, message: `has a token in it that differs from ${tokenVariable}` });
	}
	if (inUrl !== undefined && !environmentSchema.shape[tokenVariable].safeParse(inUrl).success) {
		problems.push({ variable, message: 'has a token in it that an HTTP header cannot carry' });
	}
	return database;
}

function withOwnToken(database: DatabaseUrl | null, token: string | undefined): DatabaseUrl | null {
	if (database?.kind !== 'remote' || token === undefined) return database;
	return { ...database, authToken: new Secret(token) };
}

function blobOf(values: Partial<Environment>): BlobCredentials | null {
	const token = toSecret(values.BLOB_READ_WRITE_TOKEN);
	if (token !== null) return { kind: 'token', token };
	return values.BLOB_STORE_ID === undefined ? null : { kind: 'oidc', storeId: values.BLOB_STORE_ID };
}

function platformOf(values: Partial<Environment>): PlatformConfig | null {
	const token = toSecret(values.TURSO_API_TOKEN);
	const { TURSO_ORGANIZATION: organization } = values;
	if (token === null || organization === undefined) return null;
	return { token, organization, url: new URL(values.TURSO_API_URL ?? 'https://api.turso.tech').origin };
}

function storeOf(
	values: Partial<Environment>,
	blob: BlobCredentials | null,
	localDir: string,
	isDeployed: boolean,
	problems: ConfigProblem[],
): StoreConfig | null {
	const wanted = values.BACKUP_STORE ?? 'auto';
	if (wanted === 'local') {
		// It would look like a success, and be gone with the function's disk.
		if (isDeployed) problems.push({ variable: 'BACKUP_STORE', message: 'is local, and no disk on Vercel lasts' });
		return { kind: 'local', directory: localDir };
	}
	if (blob !== null) return { kind: 'vercel-blob', credentials: blob };
	return wanted === 'auto' && !isDeployed ? { kind: 'local', directory: localDir } : null;
}

/** The promise that whoever has the deployment's environment cannot open a backup is kept here. */
function ageIdentityOf(values: Partial<Environment>, isDeployed: boolean, problems: ConfigProblem[]): Secret | null {
	if (isDeployed && values.BACKUP_AGE_IDENTITY !== undefined)
		problems.push({
			variable: 'BACKUP_AGE_IDENTITY',
			message: 'is set where the function runs, which is not to hold it: keep it where restores are run',
		});
	return toSecret(values.BACKUP_AGE_IDENTITY);
}

function toSecret(value: string | undefined): Secret | null {
	return value === undefined ? null : new Secret(value);
}
