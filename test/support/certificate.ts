import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate that signs itself, and its key, as PEM. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

const DAY_MS = 86_400_000;

/** Makes a certificate (RFC 5280) for the names `dns` and 127.0.0.1, or for `dns` alone, that ends in `days` days. */
export function makeCertificate({ dns = 'localhost', isForAddress = true, days = 2 } = {}): Certificate {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(dns)))));
	const [from, until] = [-2, days].map((offset) => time(Date.now() + offset * DAY_MS));
	const names = [der(0x82, Buffer.from(dns)), ...(isForAddress ? [der(0x87, Buffer.of(127, 0, 0, 1))] : [])];
	const isAuthority = der(0x30, BASIC_CONSTRAINTS, TRUE, der(0x04, der(0x30, TRUE)));
	const extensions = der(0x30, isAuthority, der(0x30, ALTERNATIVE_NAME, der(0x04, der(0x30, ...names))));
	const content = der(
		0x30,
		der(0xa0, der(0x02, Buffer.of(2))),
		der(0x02, Buffer.of(1)),
		ECDSA_WITH_SHA256,
		name,
		der(0x30, from as Buffer, until as Buffer),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, extensions),
	);
	const signature = der(0x03, Buffer.of(0), sign('sha256', content, privateKey));
	const whole = der(0x30, content, ECDSA_WITH_SHA256, signature).toString('base64');
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${whole.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
	};
}

/** A value of ASN.1 in its one encoding. */
function der(tag: number, ...contents: Buffer[]): Buffer {
	const content = Buffer.concat(contents);
	const { length } = content;
	const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function time(ms: number): Buffer {
	const [, text] = /^\d\d(.*)\.\d+Z$/.exec(new Date(ms).toISOString()) as unknown as [string, string];
	return der(0x17, Buffer.from(`${text.replace(/[-:T]/g, '')}Z`));
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const COMMON_NAME = oid('550403');
const BASIC_CONSTRAINTS = oid('551d13');
const ALTERNATIVE_NAME = oid('551d11');
const ECDSA_WITH_SHA256 = der(0x30, oid('2a8648ce3d040302'));
const TRUE = der(0x01, Buffer.of(0xff));
