import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LifeboatError } from './errors';
import { Secret } from './secret';

/** A database behind HTTP: Turso Cloud, or a sqld server. */
export interface RemoteDatabaseUrl {
	readonly kind: 'remote';
	/** Where requests go: `https://` or `http://`, without token, query or trailing slash. Safe to print. */
	readonly url: string;
	/** Host name in lower case, and `:port` unless it is the scheme's own. */
	readonly host: string;
	/** None for a server that asks for none. */
	readonly authToken?: Secret;
}

/** A database in a file of this machine; whether it is there is for the engine to say. */
export interface FileDatabaseUrl {
	readonly kind: 'file';
	/** Absolute. */
	readonly path: string;
}

export type DatabaseUrl = RemoteDatabaseUrl | FileDatabaseUrl;

const SCHEMES: Readonly<Record<string, 'http' | 'https'>> = {
	turso: 'https',
	libsql: 'https',
	https: 'https',
	wss: 'https',
	http: 'http',
	ws: 'http',
};

/**
 * Parses a database URL: `turso://`, `libsql://`, `https://`, `wss://` (all spoken to by https), `http://`, `ws://`
 * (by http), or `file:`. `?tls=0` on the first two means http; `?authToken=` is taken out as a secret.
 *
 * Relative `file:` paths are resolved from `cwd`. Nothing is opened or looked up. Throws `USAGE_INVALID`, whose
 * message has no part of the text in it, as any part may be a secret.
 */
export function parseDatabaseUrl(text: string, options: { readonly cwd?: string } = {}): DatabaseUrl {
	if (text === ':memory:') throw refuse('an in-memory database has nothing to keep');
	const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
	if (scheme === 'file') return parseFile(text, options.cwd ?? process.cwd());
	const protocol = Object.hasOwn(SCHEMES, scheme ?? '') ? SCHEMES[scheme ?? ''] : undefined;
	if (scheme === undefined || protocol === undefined) throw refuse('the database URL has no scheme known here');
	return parseRemote(text.slice(scheme.length + 1), scheme, protocol);
}

function parseRemote(rest: string, scheme: string, protocol: 'http' | 'https'): RemoteDatabaseUrl {
	// Only http and https are parsed as having a host in lower case and a default port; the others are opaque to URL.
	const url = /^\/\/[^/?#]/.test(rest) && URL.canParse(`${protocol}:${rest}`) ? new URL(`${protocol}:${rest}`) : null;
	if (url === null || url.hostname === '') throw refuse('the database URL is not in a valid form');
	if (url.username !== '' || url.password !== '') throw refuse('the database URL has a user or password in it');
	if (url.hash !== '') throw refuse('the database URL has a fragment in it');

	let authToken: string | undefined;
	let tls: string | undefined;
	for (const [name, value] of url.searchParams) {
		if (name === 'authToken' && authToken === undefined && value !== '') authToken = value;
		else if (name === 'tls' && tls === undefined && (value === '0' || value === '1')) tls = value;
		else throw refuse('the database URL has a query other than one authToken and tls=0 or tls=1');
	}
	url.search = '';
	if (tls !== undefined) {
		if (scheme !== 'libsql' && scheme !== 'turso' && (tls === '1') !== (protocol === 'https')) {
			throw refuse('the tls parameter of the database URL contradicts its scheme');
		}
		// The port was read by the rules of the first protocol, so it is parsed anew by those of the second.
		return remote(new URL(`${tls === '1' ? 'https' : 'http'}:${rest}`), authToken);
	}
	return remote(url, authToken);
}

function remote(parsed: URL, authToken: string | undefined): RemoteDatabaseUrl {
	const url = `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, '')}`;
	return {
		kind: 'remote',
		url,
		host: parsed.host,
		...(authToken === undefined ? {} : { authToken: new Secret(authToken) }),
	};
}

function parseFile(text: string, cwd: string): FileDatabaseUrl {
	const rest = text.slice('file:'.length);
	if (/[?#]/.test(rest)) throw refuse('a file: database URL takes no query or fragment', 'write ? as %3F and # as %23');
	let path: string;
	try {
		path = rest.startsWith('//') ? fileURLToPath(text) : decodeURIComponent(rest);
	} catch {
		throw refuse('the file: database URL is not in a valid form');
	}
	if (path.includes('\0')) throw refuse('the file: database URL is not in a valid form');
	if (path === ':memory:') throw refuse('an in-memory database has nothing to keep');
	if (path === '' || path.endsWith('/')) throw refuse('the file: database URL names no file');
	return { kind: 'file', path: resolve(cwd, path) };
}

function refuse(
	message: string,
	hint = 'use libsql://HOST, https://HOST, http://HOST:PORT or file:PATH, and give the token apart from it',
): LifeboatError {
	return new LifeboatError('USAGE_INVALID', message, { hint });
}
