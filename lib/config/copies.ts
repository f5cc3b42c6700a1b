import { resolve } from 'node:path';
import { Secret } from '../core/secret';
import type { CopyConfig, S3Config, S3Keys } from './config';
import { type CopySettings, copySchema } from './copy-schema';
import type { EnvironmentSource } from './environment';
import { type ConfigProblem, type CopyVariable, configInvalid } from './problem';

export interface CopyDefaults {
	readonly prefix: string;
	readonly cwd: string;
	/** Of the local store. */
	readonly localDir: string;
	readonly isDeployed: boolean;
}

/** Parses the settings of the copies called `names`. One of which something is wrong is invalid, and hinders no other. */
export function parseCopies(env: EnvironmentSource, names: readonly string[], defaults: CopyDefaults): CopyConfig[] {
	return names.map((name) => {
		const problems: ConfigProblem[] = [];
		const store = parseCopy(env, name, defaults, problems);
		return store === null ? invalidCopy(name, problems) : { name, store };
	});
}

/** A copy that cannot be used, for these reasons. */
export function invalidCopy(name: string, problems: readonly ConfigProblem[]): CopyConfig {
	return { name, store: { kind: 'invalid', error: configInvalid(problems) } };
}

function parseCopy(
	env: EnvironmentSource,
	name: string,
	{ prefix, cwd, localDir, isDeployed }: CopyDefaults,
	problems: ConfigProblem[],
): CopyConfig['store'] | null {
	const before = problems.length;
	const folderVariable: CopyVariable = `BACKUP_FOLDER_${name.toUpperCase()}`;
	const variableOf = (setting: string): CopyVariable => `BACKUP_S3_${name.toUpperCase()}_${setting}`;
	const blame = (setting: string, message: string) => problems.push({ variable: variableOf(setting), message });
	const folder = env[folderVariable]?.trim();
	const settings = parseSettings(env, variableOf, problems);
	if (folder) {
		if (settings.BUCKET !== undefined) blame('BUCKET', `is set, and ${folderVariable} too: a copy is in one place`);
		// It would look like a success, and be gone with the function's disk.
		if (isDeployed) problems.push({ variable: folderVariable, message: 'is a folder, and no disk on Vercel lasts' });
		if (resolve(cwd, folder) === localDir)
			problems.push({ variable: folderVariable, message: 'is the folder of the local store: that would be no copy' });
		return problems.length === before ? { kind: 'local', directory: resolve(cwd, folder) } : null;
	}
	if (settings.BUCKET === undefined && problems.length === before)
		blame('BUCKET', `is not set, nor is ${folderVariable}, and BACKUP_COPIES has ${name}`);
	const credentials = keysOf(settings, '', blame);
	const readCredentials = keysOf(settings, 'READ_', blame);
	const pruneCredentials = keysOf(settings, 'PRUNE_', blame);
	if (settings.BUCKET !== undefined && credentials === null && readCredentials === null && problems.length === before)
		blame('ACCESS_KEY_ID', 'is not set');
	if (settings.KMS_KEY_ID !== undefined && settings.ENCRYPTION !== 'aws:kms')
		blame('KMS_KEY_ID', 'goes with ENCRYPTION aws:kms');
	const { LOCK_MODE: mode, LOCK_DAYS: days } = settings;
	if ((mode === undefined) !== (days === undefined) && problems.length === before)
		blame(mode === undefined ? 'LOCK_MODE' : 'LOCK_DAYS', 'is not set, and the other half of the lock is');
	if (problems.length > before) return null;
	const s3: S3Config = {
		kind: 's3',
		endpoint: settings.ENDPOINT === undefined ? null : new URL(settings.ENDPOINT).origin,
		region: settings.REGION ?? 'us-east-1',
		bucket: settings.BUCKET as string,
		prefix: settings.PREFIX ?? prefix,
		credentials,
		readCredentials,
		pruneCredentials,
		settings: {
			encryption: settings.ENCRYPTION ?? null,
			kmsKeyId: settings.KMS_KEY_ID ?? null,
			storageClass: settings.STORAGE_CLASS ?? null,
			lock: mode !== undefined && days !== undefined ? { mode, days } : null,
		},
	};
	return s3;
}

function parseSettings(
	env: EnvironmentSource,
	variableOf: (setting: string) => CopyVariable,
	problems: ConfigProblem[],
): Partial<CopySettings> {
	const settings: Record<string, unknown> = {};
	for (const [setting, field] of Object.entries(copySchema.shape)) {
		const variable = variableOf(setting);
		const parsed = field.safeParse(env[variable]?.trim() || undefined);
		if (parsed.success) settings[setting] = parsed.data;
		else problems.push({ variable, message: parsed.error.issues[0]?.message ?? 'is wrong' });
	}
	// A slip of the pen in LOCK_MODE, say, must not go unnoticed until the lock is needed.
	const start = variableOf('');
	for (const variable of Object.keys(env)) {
		if (variable.startsWith(start) && !Object.hasOwn(copySchema.shape, variable.slice(start.length)))
			problems.push({ variable: variable as CopyVariable, message: 'is no setting of a copy' });
	}
	return settings as Partial<CopySettings>;
}

/** A key with its secret; null if neither is set. */
function keysOf(
	settings: Partial<CopySettings>,
	whose: '' | 'READ_' | 'PRUNE_',
	blame: (setting: string, message: string) => void,
): S3Keys | null {
	const id = settings[`${whose}ACCESS_KEY_ID`];
	const secret = settings[`${whose}SECRET_ACCESS_KEY`];
	if (id !== undefined && secret !== undefined)
		return { accessKeyId: new Secret(id), secretAccessKey: new Secret(secret) };
	if (id !== undefined) blame(`${whose}SECRET_ACCESS_KEY`, 'is not set, and its key is');
	if (secret !== undefined) blame(`${whose}ACCESS_KEY_ID`, 'is not set, and its secret is');
	return null;
}
