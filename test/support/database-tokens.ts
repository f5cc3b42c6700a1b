import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SqldOptions } from './sqld';

/** Makes the tokens of one server: JSON Web Tokens (RFC 7519) by Ed25519, as Turso's are. */
export class DatabaseTokens {
	readonly #keys = generateKeyPairSync('ed25519');

	/** For a server that takes these tokens and no others; their key is put into `folder`. */
	async serverOptions(folder: string): Promise<SqldOptions> {
		const path = join(folder, 'token-key.pem');
		await writeFile(path, this.#keys.publicKey.export({ type: 'spki', format: 'pem' }));
		return { args: ['--auth-jwt-key-file', path] };
	}

	/** @param claims `a: 'ro'` may only read; `exp` is when it ends, in seconds since the epoch */
	sign(claims: Readonly<Record<string, unknown>> = {}): string {
		const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
		const signed = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}`;
		return `${signed}.${sign(null, Buffer.from(signed), this.#keys.privateKey).toString('base64url')}`;
	}
}
