import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/load';
import { parseRetention } from '../../lib/config/retention';

describe('BACKUP_RETENTION', () => {
	it.each([
		['7d 5w 12m 7y', { daily: 7, weekly: 5, monthly: 12, yearly: 7 }],
		['12m   3d', { daily: 3, weekly: 0, monthly: 12, yearly: 0 }],
		['9999y', { daily: 0, weekly: 0, monthly: 0, yearly: 9999 }],
		['0d 1w', { daily: 0, weekly: 1, monthly: 0, yearly: 0 }],
		['all', null],
	])('%s', (text, retention) => {
		expect(parseRetention(text)).toEqual(retention);
		expect(loadConfig({ BACKUP_RETENTION: ` ${text} ` }).retention).toEqual(retention);
	});

	it.each(['7', 'd', '7x', '7d 7d', '7d,5w', '0d', '0d 0y', 'none', '-1d', '1.5d', '99999d', '7D', 'all 7d', '７d'])(
		'is not %j',
		(text) => {
			expect(parseRetention(text)).toBeUndefined();
			expect(() => loadConfig({ BACKUP_RETENTION: text })).toThrow(
				expect.objectContaining({ code: 'CONFIG_INVALID', data: { variables: ['BACKUP_RETENTION'] } }),
			);
		},
	);
});
