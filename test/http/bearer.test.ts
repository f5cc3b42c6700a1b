import { createHash } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import { Secret } from '../../lib/core/secret';
import { isBearerOf } from '../../lib/http/bearer';

const compared = vi.hoisted((): { readonly pairs: [NodeJS.ArrayBufferView, NodeJS.ArrayBufferView][] } => ({
	pairs: [],
}));

// The real function, watched: what it is given is what the time of a comparison can depend on.
vi.mock('node:crypto', async (original) => {
	const crypto = await original<typeof import('node:crypto')>();
	return {
		...crypto,
		timingSafeEqual(a: NodeJS.ArrayBufferView, b: NodeJS.ArrayBufferView) {
			compared.pairs.push([a, b]);
			return crypto.timingSafeEqual(a, b);
		},
	};
});

const TEXT = 'cron-secret-0123456789abcdef';
const SECRET = new Secret(TEXT);
const sha256 = (text: string) => createHash('sha256').update(text).digest();

beforeEach(() => void compared.pairs.splice(0));

// A measured time would tell of the machine. What can be shown is that nothing but `timingSafeEqual` looks at the secret,
// and that it always looks at 32 bytes against 32: of digests, so that a right beginning is worth nothing.
it.each([
	['of every length', Array.from({ length: 1000 }, (_, length) => 'x'.repeat(length + 1))],
	['that begin as the secret does', Array.from(TEXT, (_, length) => TEXT.slice(0, length + 1)).slice(0, -1)],
	['that end as the secret does', Array.from(TEXT, (_, length) => TEXT.slice(length + 1)).slice(0, -1)],
	['that differ in one place', Array.from(TEXT, (_, at) => `${TEXT.slice(0, at)}~${TEXT.slice(at + 1)}`)],
	['that hold the secret', [`${TEXT}x`, `x${TEXT}`, TEXT + TEXT]],
])('wrong tokens %s are told from the right one by digests of one length', (_, tokens) => {
	for (const token of tokens) {
		expect(isBearerOf(`Bearer ${token}`, SECRET)).toBe(false);
		expect(compared.pairs.splice(0)).toEqual([[sha256(token), sha256(TEXT)]]);
	}
});

it('the right one is told by the same', () => {
	expect(isBearerOf(`Bearer ${TEXT}`, SECRET)).toBe(true);
	expect(compared.pairs).toEqual([[sha256(TEXT), sha256(TEXT)]]);
});

it('what is no bearer token is refused before the secret is looked at', () => {
	const reveal = vi.spyOn(SECRET, 'reveal');
	for (const header of [
		null,
		'',
		'Bearer',
		'Bearer ',
		`Basic ${TEXT}`,
		`Bearer ${TEXT} `,
		`Bearer ${'x'.repeat(2000)}`,
	])
		expect(isBearerOf(header, SECRET)).toBe(false);
	expect(reveal).not.toHaveBeenCalled();
	expect(compared.pairs).toEqual([]);
});
