import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mirrorName, splitVersion, versionedName } from '../../../lib/backup/media/mirror-name';
import { isObjectName } from '../../../lib/store/names';

const PIECES = [
	'a',
	'B',
	'_',
	'_x',
	'_x2',
	'_x20',
	'_v',
	'_v20261120T020000000Z',
	'.',
	'..',
	'/',
	' ',
	'#',
	'ü',
	'😀',
	'%41',
	'~',
];
const pathname = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));

/** The reverse, for this test alone. */
function nameOf(mirrored: string): string {
	const segmentOf = (segment: string) =>
		segment === '_x'
			? ''
			: Buffer.from(
					segment.replace(/_x([0-9A-F]{2})|(.)/gs, (_, hex, plain) =>
						hex === undefined ? Buffer.from(plain).toString('latin1') : String.fromCharCode(Number.parseInt(hex, 16)),
					),
					'latin1',
				).toString();
	return mirrored.split('/').map(segmentOf).join('/');
}

describe('the name of a blob in a mirror', () => {
	it.each([
		['img/a.png', 'img/a.png'],
		['Photo_xl-1.jpg', 'Photo_xl-1.jpg'],
		['b c#.png', 'b_x20c_x23.png'],
		['ü/..', '_xC3_xBC/_x2E_x2E'],
		['a//b', 'a/_x/b'],
		['a_x20', 'a_x5Fx20'],
		['a_v20261120T020000000Z', 'a_x5Fv20261120T020000000Z'],
	])('of %s is %s', (given, mirrored) => {
		expect(mirrorName(given)).toBe(mirrored);
	});

	it('is one that a store takes, is that of no other blob, and none of a later content', () => {
		fc.assert(
			fc.property(pathname, (given) => {
				const mirrored = mirrorName(given);
				expect(isObjectName(mirrored)).toBe(true);
				expect(nameOf(mirrored)).toBe(given);
				expect(splitVersion(mirrored)).toEqual({ name: mirrored, version: null });
				const version = '20261120T020000123Z';
				expect(splitVersion(versionedName(mirrored, version))).toEqual({ name: mirrored, version });
			}),
			{ numRuns: 2_000 },
		);
	});
});
