import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { recordOutput } from '../support/secrets';
import { axeFaults } from './axe';
import { layoutFaults } from './layout-faults';
import { BACKUPS, SETUPS } from './scenes';
import { shownText } from './shown-text';
import { describeScene, type Given } from './suite';

/** What a page of a scene says, and with which status it is answered. */
interface Shown {
	readonly path: string;
	readonly says: RegExp;
	readonly status?: number;
	/** For somebody who has not signed in. */
	readonly isPublic?: true;
}

/** A small phone, and a desk. */
const WIDTHS = [360, 1440];
const SCHEMES = ['light', 'dark'] as const;

function looksRight({ enter, visit }: Given, shown: Shown, widths = WIDTHS): void {
	const { path, says, status = 200, isPublic } = shown;
	it(`${path} is readable at ${widths.join(', ')} px, light and dark`, async () => {
		const { page, faults } = await (isPublic ? visit : enter)();
		const response = await page.goto(path);
		expect(response?.status()).toBe(status);
		const text = await shownText(page.locator('body'));
		recordOutput(path, `${text}${await page.content()}`);
		expect(text).toMatch(says);
		// The sizes are the style sheet's work alone: the page is asked for once.
		const found: string[] = [];
		const look = async (at: readonly number[], what: string, faultsOf: (page: Page) => Promise<string[]>) => {
			for (const width of at) {
				for (const colorScheme of SCHEMES) {
					await page.setViewportSize({ width, height: 900 });
					await page.emulateMedia({ colorScheme });
					for (const fault of await faultsOf(page)) found.push(`${width} px, ${colorScheme}, ${what}: ${fault}`);
				}
			}
		};
		await look(widths, 'folded', layoutFaults);
		await unfold(page);
		await look(widths, 'unfolded', layoutFaults);
		await shorten(page);
		await look(WIDTHS, 'unfolded', axeFaults);
		expect(found).toEqual([]);
		expect(faults).toEqual([]);
	});
}

/** Opens all that is folded. */
function unfold(page: Page): Promise<void> {
	return page.evaluate(() => {
		for (const fold of document.querySelectorAll('details')) fold.open = true;
	});
}

/** Leaves of long tables the first rows, and those that stand out: what takes minutes to look at is all alike. */
function shorten(page: Page): Promise<void> {
	return page.evaluate(() => {
		for (const row of document.querySelectorAll('tbody tr:not(.row-bad, .row-warning):nth-child(n + 25)')) row.remove();
	});
}

describeScene('a year of proven backups', SETUPS.healthy, (given) => {
	looksRight(given, { path: '/', says: /Recoverable/ }, [320, ...WIDTHS]);
	looksRight(given, { path: `/backups/${BACKUPS.newest}`, says: /restore-turso/ });
	looksRight(given, { path: '/backups/backup-20200101T020000Z-0000', says: /no backup/i });
	looksRight(given, { path: '/sign-in', says: /Password/, isPublic: true });
	looksRight(given, { path: '/nothing-here', says: /not found|nothing/i, status: 404 });
});

describeScene('backups that stopped days ago', SETUPS.stale, (given) => {
	looksRight(given, { path: '/', says: /Out of date/ });
});

describeScene('a night that failed', SETUPS.failed, (given) => {
	looksRight(given, { path: '/', says: /DATABASE_UNREACHABLE/ });
});

describeScene('a night that was missed', SETUPS.missed, (given) => {
	looksRight(given, { path: '/', says: /missed/i });
});

describeScene('a table that shrank', SETUPS.shrunk, (given) => {
	looksRight(given, { path: '/', says: /shrank/i });
});

describeScene('sealed backups', SETUPS.sealed, (given) => {
	looksRight(given, { path: `/backups/${BACKUPS.newest}`, says: /--identity/ });
});

describeScene('a first run that is to come', SETUPS.empty, (given) => {
	looksRight(given, { path: '/', says: /no backup yet/i });
});

describeScene('a store that does not answer', SETUPS.unreachable, (given) => {
	looksRight(given, { path: '/', says: /STORE_UNREACHABLE/ });
});

describeScene('a configuration that is wrong', SETUPS.misconfigured, (given) => {
	looksRight(given, { path: '/', says: /BACKUP_RETENTION/ });
});
