import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** What programs need in order to run at all; nothing of a developer's own. */
const KEPT = ['PATH', 'HOME', 'LANG', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'SystemRoot', 'ComSpec', 'PATHEXT'];
/** What `next start` reads, in any order: the real environment wins over all of them. */
const FILES = ['.env', '.env.local', '.env.production', '.env.production.local'];

/** An environment for a child: what every program needs, and a temporary folder of ours. */
export function cleanEnvironment(env: Environment, temporary: string): Record<string, string> {
	const kept = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
	return { ...Object.fromEntries(kept), TMPDIR: temporary, TEMP: temporary, TMP: temporary };
}

/**
 * Every variable that the `.env` files in `root` may set, as an empty one, which counts as unset. Next always reads
 * these files, and a developer's real database and store are in them.
 */
export function withoutEnvFiles(root: string): Record<string, string> {
	const paths = FILES.map((name) => join(root, name)).filter((path) => existsSync(path));
	const names = paths.flatMap((path) =>
		Array.from(readFileSync(path, 'utf8').matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*[=:]/gm), ([, name = '']) => name),
	);
	return Object.fromEntries(names.map((name) => [name, '']));
}
