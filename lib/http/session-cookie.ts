import { SESSION_MS } from './status-session';

/** Only what is sent by https, for the whole site, may be called so: a browser sees to it. */
const SECURE_NAME = '__Host-lifeboat';
/** By http, within one machine. */
const PLAIN_NAME = 'lifeboat';

/** The `set-cookie` that begins a session. */
export function sessionCookie(seal: string, isSecure: boolean): string {
	return cookie(seal, SESSION_MS / 1000, isSecure);
}

/** The `set-cookie` that ends it. */
export function endedCookie(isSecure: boolean): string {
	return cookie('', 0, isSecure);
}

/** What a `cookie` header holds of a session; null: nothing. Of several the first counts. */
export function sealIn(header: string | null, isSecure: boolean): string | null {
	const start = `${nameOf(isSecure)}=`;
	const pairs = header?.split(';').map((pair) => pair.trim()) ?? [];
	return pairs.find((pair) => pair.startsWith(start))?.slice(start.length) ?? null;
}

function cookie(value: string, maxAgeSeconds: number, isSecure: boolean): string {
	const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
	return `${nameOf(isSecure)}=${value}; ${attributes}${isSecure ? '; Secure' : ''}`;
}

function nameOf(isSecure: boolean): string {
	return isSecure ? SECURE_NAME : PLAIN_NAME;
}
