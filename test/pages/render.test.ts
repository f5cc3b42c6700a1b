import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { DAY_WORDS } from '../../app/_view/day-standing';
import { NotFoundPage } from '../../app/_view/not-found-page';
import { SignInPage } from '../../app/_view/sign-in-page';
import { StatusPage } from '../../app/_view/status-page';
import type { PageView, StatusView } from '../../lib/status/view';
import {
	atRisk,
	failing,
	firstRun,
	healthy,
	longNames,
	misconfigured,
	oneBackup,
	PAGES,
	sealed,
	shrunk,
	twoBackups,
	unreachable,
} from './fixtures';
import { attributesOf, byId, numbersOf, render, rowsOf, textOf } from './markup';
import { describeSound } from './sound-markup';

const show = (view: PageView) => render(createElement(StatusPage, { view }));
const STATUSES = Object.entries(PAGES).filter(
	(entry): entry is [keyof typeof PAGES & string, StatusView] => entry[1].kind === 'status',
);

for (const [name, view] of Object.entries(PAGES)) describeSound(`the page ${name}`, () => show(view), ['/session/end']);
for (const state of ['ask', 'wrong', 'limited'] as const)
	describeSound(`the sign-in, ${state}`, () => render(createElement(SignInPage, { state, next: '/' })), ['/session']);
describeSound('what is said where there is nothing', () => render(createElement(NotFoundPage)), []);

describe.each(Object.entries(PAGES))('the page %s', (_, view) => {
	it('says the verdict first: word, sentence, what to do, and where the runbook goes on', () => {
		const { word, sentence, action, since, runbook, also } = view.verdict;
		const banner = byId(show(view), 'verdict');
		expect(textOf(byId(banner, 'verdict-title'))).toBe(`${word}: ${sentence}`);
		expect(banner).toContain(`is-${view.verdict.standing}`);
		if (action !== null) expect(textOf(banner)).toContain(action);
		if (since !== null) expect(attributesOf(banner, 'dateTime')).toContain(since);
		if (runbook !== null) expect(textOf(banner)).toContain(runbook.title);
		if (runbook?.url === null) expect(textOf(banner)).toContain(runbook.path);
		else if (runbook) expect(attributesOf(banner, 'href')).toContain(runbook.url);
		for (const { sentence } of also) expect(textOf(banner)).toContain(sentence);
	});
});

describe.each(STATUSES)('the numbers of %s', (_, view) => {
	const html = show(view);
	const hasBackups = view.backups.length > 0;

	if (hasBackups)
		it('show each backup in the table behind the plots, and in each plot', () => {
			const rows = rowsOf(byId(html, 'history-table'));
			expect(rows.map((row) => row.flatMap(numbersOf))).toEqual(
				view.backups.map(({ rows, bytes, durationMs, proofMs }) => [rows, bytes, durationMs, proofMs]),
			);
			expect(rows.map(([at = '']) => attributesOf(at, 'dateTime'))).toEqual(
				view.backups.map(({ createdAt }) => [createdAt]),
			);
			for (const [id, series] of [
				['size-plot', 1],
				['duration-plot', 2],
			] as const) {
				const figure = byId(html, id);
				expect(pointsIn(figure)).toHaveLength(rows.length * series);
				expect(attributesOf(figure, 'aria-details')).toEqual(['history-table']);
			}
		});

	if (view.drills.length > 0)
		it('show each drill in the table behind the plots, and in each plot', () => {
			const rows = rowsOf(byId(html, 'drills-table'));
			expect(rows.map((row) => row.flatMap(numbersOf))).toEqual(
				view.drills.map(({ recoveryMs, recoveryLimitMs, pointMs, pointLimitMs }) =>
					[recoveryMs, recoveryLimitMs, pointMs, pointLimitMs].filter((value) => value !== null),
				),
			);
			expect(rows.map((row) => /Passed/.test(row.join('')))).toEqual(view.drills.map(({ isPassed }) => isPassed));
			for (const id of ['recovery-plot', 'point-plot'] as const) {
				expect(pointsIn(byId(html, id))).toHaveLength(rows.length);
				expect(attributesOf(byId(html, id), 'aria-details')).toEqual(['drills-table']);
				expect(byId(html, id)).toContain('class="target"');
			}
		});

	if (view.calendar.length > 0)
		it('show each day in the calendar, its legend and its table', () => {
			const cells = /<svg class="calendar".*?<\/svg>/s.exec(html)?.[0] ?? '';
			expect([...cells.matchAll(/<use href="#day-(\w+)"/g)].map(([, standing]) => standing)).toEqual(
				view.calendar.map(({ standing }) => standing),
			);
			const told = view.calendar.filter(({ standing }) => standing !== 'before');
			const rows = rowsOf(byId(html, 'calendar-table')).reverse();
			expect(rows.map(([day = '', standing]) => [attributesOf(day, 'dateTime')[0], standing])).toEqual(
				told.map(({ day, standing }) => [day, DAY_WORDS[standing]]),
			);
			expect(rows.map(([, , backups = '']) => attributesOf(backups, 'href'))).toEqual(
				told.map(({ ids }) => ids.map((id) => `/backups/${id}`)),
			);
			const legend = byId(html, 'calendar-legend');
			expect(numbersOf(legend).reduce((sum, count) => sum + count, 0)).toBe(told.length);
			for (const { standing } of told) expect(textOf(legend)).toContain(DAY_WORDS[standing].toLowerCase());
		});

	it('show each table with its rows and what changed, those that lost rows unfolded', () => {
		if (view.tables === null) return expect(html).not.toContain('tables-table');
		const section = byId(html, 'tables');
		const shown = rowsOf(byId(html, 'tables-table'));
		const all = [...section.matchAll(/<table.*?<\/table>/gs)].flatMap(([table]) => rowsOf(table));
		const numbersByRow = all.map((row) => row.flatMap(numbersOf).join());
		expect(numbersByRow.sort()).toEqual(
			view.tables.rows
				.map(({ rows, rowsBefore, change, bytes }) =>
					[rows, rowsBefore, change, bytes].filter((value) => value !== null).join(),
				)
				.sort(),
		);
		const lost = view.tables.rows.filter(({ mark }) => mark === 'shrank' || mark === 'emptied' || mark === 'gone');
		const words = shown.map((row) => textOf(row[4] ?? '').toLowerCase());
		for (const { mark } of lost) expect(words).toContain(mark);
		expect(words.filter((word) => /shrank|emptied|gone/.test(word))).toHaveLength(lost.length);
	});

	it('show every store, hold, channel, setting and verdict of retention', () => {
		expect(rowsOf(byId(html, 'stores-table')).map(([name = '']) => textOf(name))).toEqual(
			view.stores.map(({ name }) => name),
		);
		if (view.holds.length > 0) expect(rowsOf(byId(html, 'holds-table'))).toHaveLength(view.holds.length);
		if (view.channels.length > 0) expect(rowsOf(byId(html, 'channels-table'))).toHaveLength(view.channels.length);
		const settings = [...byId(html, 'configuration').matchAll(/<table.*?<\/table>/gs)].flatMap(([table]) =>
			rowsOf(table),
		);
		expect(settings.map(([name = '']) => textOf(name)).sort()).toEqual(
			view.configuration.map(({ variable }) => variable).sort(),
		);
		if (!hasBackups) return;
		const retention = byId(html, 'retention');
		const rows = [...retention.matchAll(/<table.*?<\/table>/gs)].flatMap(([table]) => rowsOf(table));
		expect(rows).toHaveLength(view.retention.verdicts.length);
		const kept = view.retention.verdicts.filter(({ keep }) => keep).length;
		expect(numbersOf(retention).slice(0, 2)).toEqual([kept, view.retention.verdicts.length - kept]);
	});
});

/** The points of a plot; not those of its key. */
function pointsIn(figure: string): string[] {
	const area = /<div class="plot">.*?<\/div>/s.exec(figure)?.[0] ?? '';
	const shapes = [...area.matchAll(/<use href="#point-([\w-]+)"/g)].map(([, mark = '']) => mark);
	const dots = [...area.matchAll(/<path d="([^"]*)" class="dots"/g)].flatMap(
		([, path = '']) => path.match(/M[\d.]+,[\d.]+h0/g) ?? [],
	);
	return [...shapes, ...dots];
}

describe('the status page', () => {
	it('gives each standing of a store a word of its own', () => {
		const words = rowsOf(byId(show(failing), 'stores-table')).map(([, standing = '']) => textOf(standing));
		expect(words).toEqual(['Failing', 'Failing STORE_UNREACHABLE']);
		expect(textOf(rowsOf(byId(show(healthy), 'stores-table'))[0]?.[1] ?? '')).toBe('Up to date');
	});

	it('draws a drill that failed as a cross, and one without a time at the bottom', () => {
		const points = pointsIn(byId(show(failing), 'recovery-plot'));
		expect(points.filter((mark) => mark === 'cross')).toHaveLength(2);
	});

	it('draws apart what holds some tables only, and marks what is off the axis', () => {
		const html = show(sealed);
		expect(pointsIn(byId(html, 'size-plot')).filter((mark) => mark === 'hollow')).toHaveLength(1);
		expect(pointsIn(byId(html, 'duration-plot')).filter((mark) => mark === 'above')).toHaveLength(1);
		expect(textOf(byId(html, 'duration-plot'))).toContain('off the axis: up to 30 min 40 s');
		expect(textOf(byId(html, 'size-plot'))).toContain('Now 7.4 MB; 3.8 MB to 7.4 MB over 370 backups.');
		expect(textOf(byId(html, 'history-table'))).toContain('some tables only, pre-migration, command line, sealed');
		expect(textOf(byId(html, 'history-table'))).toContain('lacks 12 rows, held: audit of 2026, sealed');
	});

	it('says how old its data is', () => {
		const line = (view: StatusView) => textOf(byId(show(view), 'verdict'));
		expect(line(healthy)).toContain(
			'Read from the store at 2026-11-20 09:00:03 UTC; summary of 02:04:41 UTC, agreed with the list of manifests.',
		);
		expect(line(atRisk)).toContain('summary of 2026-11-19 02:04:41 UTC, did not agree with the list of manifests');
		expect(line(failing)).toContain('there was no summary, and every manifest was read');
		expect(rowsOf(byId(show(atRisk), 'unreadable')).map((row) => row.map(textOf))).toEqual([
			['backup-20261012T020004Z-0b0b', 'MANIFEST_INVALID'],
		]);
	});

	it('says what to do on the first run, and shows no empty plot', () => {
		const html = show(firstRun);
		expect(textOf(html)).toContain('?dryRun=1');
		expect(textOf(html)).toContain('npx tsx scripts/backup-turso.ts --write --upload');
		expect(attributesOf(byId(html, 'first-steps'), 'dateTime')).toEqual([firstRun.nextRunAt]);
		expect(html).not.toContain('<figure');
		expect(html).not.toContain('class="calendar"');
	});

	it('draws one point and two without a line of one', () => {
		for (const [view, count] of [
			[oneBackup, 1],
			[twoBackups, 2],
		] as const) {
			const figure = byId(show(view), 'size-plot');
			expect(pointsIn(figure)).toHaveLength(count);
			expect([...figure.matchAll(/class="line" vector-effect/g)]).toHaveLength(count - 1);
		}
		expect(show(oneBackup)).toContain('There are no copies');
	});

	it('names each variable that is wrong, and where to set it', () => {
		const rows = rowsOf(byId(show(misconfigured), 'problems-table')).map((row) => row.map(textOf));
		expect(rows).toEqual(misconfigured.problems.map(({ variable, message }) => [variable, message]));
		expect(textOf(show(misconfigured))).toContain('docs/configuration.md');
	});

	it('says why the store could not be asked, and how to ask the copies', () => {
		const text = textOf(show(unreachable));
		for (const word of [unreachable.error.code, unreachable.error.message, unreachable.error.hint ?? ''])
			expect(text).toContain(word);
		expect(text).toContain('npx tsx scripts/list-backups.ts --from offsite');
	});

	it('says since when, and for how long', () => {
		expect(textOf(byId(show(failing), 'verdict'))).toContain('2026-11-17 02:00:04 UTC, for 3 days');
	});

	it('says in words that tables lost rows', () => {
		expect(textOf(byId(show(shrunk), 'tables'))).toContain('3 tables lost rows.');
	});

	it('never shows what is secret, whatever it is given', () => {
		const configuration = [{ variable: 'CRON_SECRET', value: 'hunter2hunter2hunter2', fallback: null, isSecret: true }];
		expect(show({ ...healthy, configuration })).not.toContain('hunter2');
	});

	it('keeps what others chose in its place', () => {
		const html = show(longNames);
		expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
		expect(html).toContain('evil\\u{202e}elbat\\u{0}\\u{7}');
		expect(html).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
	});
});

describe('the sign-in', () => {
	it('posts the password and where to go, and says what was wrong', () => {
		const html = render(createElement(SignInPage, { state: 'wrong', next: '/backups/"><script>' }));
		expect(html).toMatch(/<form [^>]*action="\/session" method="post"/);
		expect(html).toContain('name="next" value="/backups/&quot;&gt;&lt;script&gt;"');
		expect(html).toMatch(
			/<input id="password" type="password"[^>]*autoComplete="current-password"[^>]* name="password"/,
		);
		expect(textOf(byId(html, 'sign-in-error'))).toMatch(/not the password/);
		expect(textOf(render(createElement(SignInPage, { state: 'limited', next: '/' })))).toMatch(/Too many/);
		expect(render(createElement(SignInPage, { state: 'ask', next: '/' }))).not.toContain('role="alert"');
	});
});
