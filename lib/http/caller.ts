import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import type { EnvironmentSource } from '../config/environment';
import type { RequestHeaders } from './own-origin';

/** 64 bits: enough to tell callers apart. */
const HASH_HEX = 16;

/**
 * Who calls, as a keyed hash of the address: it can be kept without anyone's address being kept. Vercel writes these headers
 * itself, over what the caller has sent; elsewhere anyone could write them, and all callers are one.
 */
export function callerOf(headers: RequestHeaders, env: EnvironmentSource, key: Buffer): string {
	const address = env.VERCEL === '1' ? (headers.get('x-vercel-forwarded-for') ?? headers.get('x-real-ip')) : null;
	const network = address === null ? 'all' : networkOf(address.split(',')[0]?.trim() ?? '');
	return createHmac('sha256', key).update(network).digest('hex').slice(0, HASH_HEX);
}

/** An address of version 4 as it is; of version 6 the first 64 bits, which are what one subscriber has. */
export function networkOf(address: string): string {
	const plain = address.toLowerCase().split('%')[0] ?? '';
	if (isIP(plain) !== 6) return plain;
	// One of version 4 that is written as one of version 6.
	if (plain.includes('.')) return plain.slice(plain.lastIndexOf(':') + 1);
	const [head = '', tail = ''] = plain.split('::');
	const [first, last] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
	const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
	const groups = [...first, ...zeros, ...last].slice(0, 4);
	return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
