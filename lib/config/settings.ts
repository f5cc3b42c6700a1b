import type { ZodType } from 'zod';
import { parseDatabaseUrl } from '../core/database-url';
import { copySchema } from './copy-schema';
import type { EnvironmentSource } from './environment';
import { redactSecrets } from './redact';
import { environmentSchema } from './schema';

/** One line of the configuration in force, for people. */
export interface ShownSetting {
	readonly variable: string;
	/** Of a secret only `set`; null: it is not set. */
	readonly value: string | null;
	/** What holds where it is not set. */
	readonly fallback: string | null;
	readonly isSecret: boolean;
}

/** A list of post-quantum recipients has no end. */
const LONGEST_VALUE = 200;
const SET = 'set';
const UNFIT = 'set, and not fit';

/**
 * Every variable, and what is in force, without anything secret: of a value that is not fit nothing is shown, as nobody
 * knows what it is, and of an address neither password nor query.
 */
export function shownSettings(env: EnvironmentSource): ShownSetting[] {
	const settings = Object.entries(environmentSchema.shape).map(([variable, field]) =>
		settingOf(variable, field, env[variable], env),
	);
	const names = environmentSchema.shape.BACKUP_COPIES.safeParse(env.BACKUP_COPIES?.trim() || undefined).data ?? [];
	return [...settings, ...names.flatMap((name) => settingsOfCopy(name, env))];
}

/** Of a copy, what is set. */
function settingsOfCopy(name: string, env: EnvironmentSource): ShownSetting[] {
	const folder = `BACKUP_FOLDER_${name.toUpperCase()}`;
	const isSet = ({ value }: ShownSetting) => value !== null;
	const settings = Object.entries(copySchema.shape).map(([setting, field]) => {
		const variable = `BACKUP_S3_${name.toUpperCase()}_${setting}`;
		return settingOf(variable, field, env[variable], env);
	});
	const path = env[folder]?.trim() || null;
	return [{ variable: folder, value: path && clean(path, env), fallback: null, isSecret: false }, ...settings].filter(
		isSet,
	);
}

function settingOf(variable: string, field: ZodType, given: string | undefined, env: EnvironmentSource): ShownSetting {
	const { fallback, secret = false } = field.meta() as { fallback: string; secret?: boolean };
	const text = given?.trim() || null;
	const isFit = text === null || field.safeParse(text).success;
	const shown = text === null ? null : !isFit ? UNFIT : secret ? SET : clean(shownValue(variable, text), env);
	return { variable, value: shown, fallback: plain(fallback), isSecret: secret };
}

function shownValue(variable: string, text: string): string {
	if (variable.endsWith('_DATABASE_URL')) return shownDatabase(text);
	// Keys of some servers stand in their addresses.
	if (!/^https?:/i.test(text)) return text;
	if (!URL.canParse(text)) return SET;
	const { origin, pathname } = new URL(text);
	return `${origin}${pathname === '/' ? '' : pathname}`;
}

function shownDatabase(text: string): string {
	try {
		const database = parseDatabaseUrl(text);
		return database.kind === 'file' ? text : database.url;
	} catch {
		return UNFIT;
	}
}

function clean(text: string, env: EnvironmentSource): string {
	const redacted = redactSecrets(text, env);
	return redacted.length <= LONGEST_VALUE ? redacted : `${redacted.slice(0, LONGEST_VALUE)}…`;
}

/** Markdown as plain text. */
function plain(markdown: string): string {
	return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}
