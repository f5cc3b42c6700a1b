import { describe, expect, it } from 'vitest';
import { checkName, checkPrefix, isObjectName } from '../../lib/store/names';

describe('names', () => {
	it.each(['a', 'a/b', 'backups/db/backup-20261120T020000Z-7f3a.ndjson.gz.age', '...', '.a', 'a..', '-_', 'a/.../b'])(
		'takes %s',
		(name) => {
			expect(isObjectName(name)).toBe(true);
			expect(() => checkName(name)).not.toThrow();
			for (let end = 0; end <= name.length; end++) expect(() => checkPrefix(name.slice(0, end))).not.toThrow();
		},
	);

	it.each(['', '/', '/a', 'a/', 'a//b', '.', '..', './a', 'a/..', 'a~b', 'a b', 'a\n', 'é', '%2e', 'x'.repeat(256)])(
		'refuses %j',
		(name) => {
			expect(isObjectName(name)).toBe(false);
			expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'USAGE_INVALID' }));
		},
	);

	it('takes names of up to 950 characters', () => {
		const longest = `${`${'x'.repeat(94)}/`.repeat(9)}${'y'.repeat(95)}`;
		expect(longest).toHaveLength(950);
		expect(isObjectName(longest)).toBe(true);
		expect(isObjectName(`${longest}y`)).toBe(false);
	});

	it.each(['/', '//', 'a//', './', '../', 'a/../b', 'a~', `${'x'.repeat(256)}`])('refuses the prefix %j', (prefix) => {
		expect(() => checkPrefix(prefix)).toThrow(expect.objectContaining({ code: 'USAGE_INVALID' }));
	});
});
