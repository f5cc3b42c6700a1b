import { expect, it } from 'vitest';
import { networkOf } from '../../lib/http/caller';
import { nextPathOf, readSignIn, signInPath } from '../../lib/http/sign-in-path';

const BACKUP = '/backups/backup-20261120T020000Z-7f3a';

it('after signing in one comes to the page that one asked for', () => {
	expect(nextPathOf(BACKUP)).toBe(BACKUP);
	expect(signInPath(BACKUP)).toBe(`/sign-in?next=${BACKUP}`);
	expect(signInPath('/')).toBe('/sign-in');
	expect(signInPath('/', 'limited')).toBe('/sign-in?limited');
	const { searchParams } = new URL(signInPath(BACKUP, 'wrong'), 'http://localhost');
	expect(readSignIn(Object.fromEntries(searchParams))).toEqual({ state: 'wrong', next: BACKUP });
	expect(readSignIn({})).toEqual({ state: 'ask', next: '/' });
	expect(readSignIn({ limited: '', wrong: '' })).toEqual({ state: 'limited', next: '/' });
});

it.each([
	'https://evil.example',
	'//evil.example',
	'/\\evil.example',
	'\\\\evil.example',
	'/\t/evil.example',
	'javascript:alert(1)',
	'backups/backup-20261120T020000Z-7f3a',
	`${BACKUP}/../../..//evil.example`,
	`${BACKUP}?x`,
	`${BACKUP}#x`,
	`${BACKUP}\r\nset-cookie: x=y`,
	`${BACKUP}\n`,
	`//evil.example${BACKUP}`,
	'/backups/backup-20261120T020000Z-7F3A',
	'/api/cron/backup',
	'/sign-in',
	'/session/end',
	'',
	null,
	undefined,
	[BACKUP, 'https://evil.example'],
])('and nowhere else: %j', (next) => {
	expect(nextPathOf(next)).toBe('/');
	if (!Array.isArray(next)) expect(signInPath(String(next))).toBe('/sign-in');
});

it.each([
	['192.0.2.7', '192.0.2.7'],
	['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
	['2001:DB8:0001:2::1', '2001:db8:1:2'],
	['2001:db8::5', '2001:db8:0:0'],
	['::1', '0:0:0:0'],
	['fe80::1%eth0', 'fe80:0:0:0'],
	['::ffff:192.0.2.7', '192.0.2.7'],
	['nonsense', 'nonsense'],
	['', ''],
])('who calls from %s is of %s', (address, network) => {
	expect(networkOf(address)).toBe(network);
});
