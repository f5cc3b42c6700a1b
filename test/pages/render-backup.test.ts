import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { BackupPage } from '../../app/_view/backup-page';
import type { BackupView } from '../../lib/status/view';
import { misconfigured, unreachable } from './fixtures';
import { BACKUP_PAGES, lacking, longNamed, noBackup, proven } from './fixtures-backup';
import { attributesOf, byId, numbersOf, render, rowsOf, textOf } from './markup';
import { describeSound } from './sound-markup';

type View = Parameters<typeof BackupPage>[0]['view'];
const show = (view: View) => render(createElement(BackupPage, { view }));

for (const [name, view] of Object.entries(BACKUP_PAGES))
	describeSound(`the page of a backup, ${name}`, () => show(view), ['/session/end']);

describe.each([
	['proven', proven],
	['lacking', lacking],
	['longNamed', longNamed],
])('the page of a backup, %s', (_, view: BackupView) => {
	const html = show(view);

	it('shows the numbers of the manifest', () => {
		const { point } = view;
		expect(textOf(byId(html, 'backup-title'))).toBe(point.id);
		expect(numbersOf(byId(html, 'verdict'))).toEqual([
			point.rows,
			point.tables,
			point.bytes,
			point.plainBytes,
			point.durationMs,
			point.proofMs,
		]);
		expect(attributesOf(byId(html, 'verdict'), 'dateTime')).toContain(point.createdAt);
		const tables = [...byId(html, 'tables').matchAll(/<table.*?<\/table>/gs)].flatMap(([table]) => rowsOf(table));
		expect(tables.slice(0, view.tables.length).map((row) => row.flatMap(numbersOf))).toEqual(
			view.tables.map(({ rows, omitted, bytes }) => [rows, omitted, bytes]),
		);
		expect(tables.slice(0, view.tables.length).map((row) => textOf(row[4] ?? ''))).toEqual(
			view.tables.map(({ sha256 }) => sha256),
		);
		expect(textOf(byId(html, 'manifest'))).toContain(view.object.sha256);
		expect(textOf(byId(html, 'manifest'))).toContain(view.digest);
	});

	it('shows the commands, exactly, in order', () => {
		const commands = [...html.matchAll(/<pre><code>(.*?)<\/code><\/pre>/gs)].map(([, command = '']) => textOf(command));
		expect(commands).toEqual(view.commands.map(({ command }) => command));
	});

	it('leads back', () => {
		expect(attributesOf(html, 'href')).toContain('/');
	});
});

describe('the page of a backup', () => {
	it.each([
		[{}, 'Proven'],
		[{ proof: { ...proven.proof, kind: 'read' as const } }, 'Read only'],
		[{ proof: { ...proven.proof, kind: 'none' as const } }, 'Unproven'],
		[{ point: { ...proven.point, isPartial: true } }, 'Partial'],
		[{ point: { ...proven.point, omittedRows: 1 } }, 'Incomplete'],
		[{ point: { ...proven.point, isThere: false } }, 'Removed'],
	])('says in a word how it stands: %o', (given, word) => {
		expect(textOf(byId(show({ ...proven, ...given }), 'verdict'))).toContain(`${word}: `);
	});

	it('says what it lacks, who holds it, which stores have it', () => {
		const html = show(lacking);
		expect(rowsOf(byId(html, 'omissions-table')).map((row) => row.map(textOf))).toEqual([
			['orders', '12', 'a value is larger than the server gives out'],
		]);
		expect(rowsOf(byId(html, 'copies-table')).map((row) => textOf(row[1] ?? ''))).toEqual([
			'Yes',
			'No',
			'Could not be asked',
		]);
		expect(textOf(byId(html, 'copies'))).toContain('Held since 2026-11-18 10:12:00 UTC: audit of 2026');
		expect(textOf(byId(html, 'manifest'))).toContain('age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p');
	});

	it('says of keys whether they were set, never more', () => {
		expect(rowsOf(byId(show(proven), 'keys-table')).map((row) => row.map(textOf))).toEqual([
			['PROVARA_MASTER_KEY', 'set; a fingerprint was kept'],
			['LEGACY_KEY', 'not set'],
		]);
	});

	it('says why there is nothing to show, and what to do', () => {
		const text = textOf(show(noBackup));
		for (const word of [noBackup.id, noBackup.error.code, noBackup.error.message, noBackup.error.hint ?? ''])
			expect(text).toContain(word);
		expect(textOf(show(misconfigured))).toContain('BACKUP_RETENTION');
		expect(textOf(show(unreachable))).toContain('STORE_UNREACHABLE');
	});
});
