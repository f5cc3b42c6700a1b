import { isCopySecret } from './copy-schema';
import type { EnvironmentSource } from './environment';
import { environmentSchema } from './schema';
import { headerSecrets } from './telemetry';

/** The variables whose values are never printed. */
export const SECRET_VARIABLES: readonly string[] = Object.entries(environmentSchema.shape)
	.filter(([, field]) => field.meta()?.secret === true)
	.map(([variable]) => variable);

/** Those of them that are lists of headers. */
const HEADER_LISTS = SECRET_VARIABLES.filter((variable) => variable.endsWith('_HEADERS'));

/** Shorter ones are no secrets, and redacting them would make any text unreadable. */
const SHORTEST_SECRET = 8;

/**
 * Replaces every secret of the environment that `text` holds by `[redacted]`: the values of the secret variables, and
 * the tokens in database URLs. A last net, for messages that come from other people's code.
 */
export function redactSecrets(text: string, env: EnvironmentSource): string {
	const variables = [...SECRET_VARIABLES, ...Object.keys(env).filter(isCopySecret), ...keysOf(env)];
	const secrets = variables.map((variable) => env[variable]?.trim());
	for (const variable of ['TURSO_DATABASE_URL', 'RESTORE_DATABASE_URL']) {
		const token = /[?&]authToken=([^&#]*)/.exec(env[variable] ?? '')?.[1];
		const password = /^[a-z+]+:\/\/[^/?#@]*?:([^/?#]*)@/i.exec(env[variable] ?? '')?.[1];
		secrets.push(token, password);
	}
	secrets.push(...(env.BACKUP_AGE_IDENTITY?.split(/[\s,]+/) ?? []));
	for (const variable of HEADER_LISTS) secrets.push(...headerSecrets(env[variable]));
	let redacted = text;
	for (const secret of secrets) {
		if (secret === undefined || secret.length < SHORTEST_SECRET) continue;
		const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
		for (const form of forms) redacted = redacted.replaceAll(form, '[redacted]');
	}
	return redacted;
}

/** The variables that a backup is to keep fingerprints of. */
function keysOf({ BACKUP_KEY_FINGERPRINTS }: EnvironmentSource): string[] {
	return BACKUP_KEY_FINGERPRINTS?.split(',').map((name) => name.trim()) ?? [];
}
