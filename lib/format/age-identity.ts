import { LifeboatError } from '../core/errors';

/** A file of identities is small. */
export const MAX_IDENTITY_FILE_BYTES = 1024 * 1024;

/** A key pair of age: the identity opens what is sealed to the recipient. */
export interface KeyPair {
	readonly identity: string;
	readonly recipient: string;
}

/** Makes a key pair: of X25519, or with `isPostQuantum` one that quantum computers do not open either. */
export async function newKeyPair(isPostQuantum: boolean): Promise<KeyPair> {
	const { generateHybridIdentity, generateX25519Identity, identityToRecipient } = await import('age-encryption');
	const identity = await (isPostQuantum ? generateHybridIdentity() : generateX25519Identity());
	return { identity, recipient: await identityToRecipient(identity) };
}

/** A file of an identity as `age-keygen` writes it. */
export function identityFile({ identity, recipient }: KeyPair, createdAt: Date): string {
	return `# created: ${createdAt.toISOString()}\n# public key: ${recipient}\n${identity}\n`;
}

/** The identities in a text: one a line, `#` begins a remark; or several separated by commas or spaces. */
export function identitiesOf(text: string): string[] {
	const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
	return lines.flatMap((line) => line.split(/[\s,]+/)).filter((word) => word !== '');
}

/** Seals a file of identities by a passphrase, as `age --passphrase` does. */
export async function protectIdentities(text: string, passphrase: string): Promise<Uint8Array> {
	const { Encrypter } = await import('age-encryption');
	const encrypter = new Encrypter();
	encrypter.setPassphrase(passphrase);
	return encrypter.encrypt(text);
}

/** Claims that a file of identities is sealed, by a passphrase that is. */
export function isProtected(bytes: Uint8Array): boolean {
	return /^(age-encryption\.org\/|-----BEGIN AGE ENC)/.test(Buffer.from(bytes).toString('latin1', 0, 32));
}

/**
 * Opens what {@link protectIdentities} or the age tool has sealed, armored or not.
 *
 * @throws LifeboatError `KEY_WRONG`
 */
export async function openIdentities(bytes: Uint8Array, passphrase: string): Promise<string> {
	const { armor, Decrypter } = await import('age-encryption');
	const decrypter = new Decrypter();
	decrypter.addPassphrase(passphrase);
	try {
		const text = Buffer.from(bytes).toString('latin1');
		return await decrypter.decrypt(text.startsWith('-----') ? armor.decode(text.trim()) : bytes, 'text');
	} catch (cause) {
		throw new LifeboatError('KEY_WRONG', 'the passphrase does not open the identity file', {
			hint: 'try again; the file must be one that keys.ts --passphrase or age --passphrase has made',
			cause,
		});
	}
}
