import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { focused, tabThrough, toReach } from './keyboard';
import { PASSWORD } from './open-scene';
import { SETUPS } from './scenes';
import { goBack, signInTo } from './sign-in';
import { describeScene } from './suite';

const pathOf = (page: Page) => new URL(page.url()).pathname;

async function pressAndLoad(page: Page, key: string): Promise<void> {
	const loaded = page.waitForEvent('load');
	await page.keyboard.press(key);
	await loaded;
}

/** Presses Tab until `name` is in the name of what has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
	for (let presses = 0; presses < 2_000; presses++) {
		await page.keyboard.press('Tab');
		if ((await focused(page))?.name.includes(name)) return;
	}
	throw new Error(`no Tab leads to ${name}`);
}

describeScene('the keyboard alone', SETUPS.healthy, ({ visit }) => {
	it('signs in, reads a backup, comes back, and signs out', async () => {
		const { page, faults } = await visit();
		await page.goto('/');
		while (!(await page.getByLabel('Password').evaluate((field) => field === document.activeElement)))
			await page.keyboard.press('Tab');
		await page.keyboard.type(PASSWORD);
		await pressAndLoad(page, 'Enter');
		expect(pathOf(page)).toBe('/');
		const link = page.locator('main a[href^="/backups/"]').first();
		const path = await link.getAttribute('href');
		while (!(await link.evaluate((one) => one === document.activeElement))) await page.keyboard.press('Tab');
		await pressAndLoad(page, 'Enter');
		expect(pathOf(page)).toBe(path);
		await goBack(page);
		expect(pathOf(page)).toBe('/');
		await page.goto('/');
		await tabTo(page, 'Sign out');
		await pressAndLoad(page, 'Enter');
		expect(pathOf(page)).toBe('/sign-in');
		expect(faults).toEqual([]);
	});

	it('is led past the top by the first link', async () => {
		const { page } = await visit();
		await signInTo(page, '/');
		await page.goto('/');
		await page.keyboard.press('Tab');
		expect(await focused(page)).toMatchObject({ isInView: true, isMarked: true });
		await page.keyboard.press('Enter');
		await page.keyboard.press('Tab');
		const isWithin = await page.evaluate(() => document.activeElement?.closest('main') !== null);
		expect(isWithin).toBe(true);
	});

	it.each([360, 1440])('reaches all there is at %i px, in order, and one sees where it is', async (width) => {
		const { page } = await visit({ viewport: { width, height: 800 } });
		await signInTo(page, '/');
		await page.goto('/');
		const stops = await tabThrough(page);
		const expected = await toReach(page);
		expect(stops.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
		expect(expected.length).toBeGreaterThan(5);
		expect(stops.filter(({ isMarked }) => !isMarked)).toEqual([]);
		expect(stops.filter(({ isInView }) => !isInView)).toEqual([]);
	});

	it('opens and closes what is folded', async () => {
		const { page } = await visit();
		await signInTo(page, '/');
		const folds = page.locator('details');
		expect(await folds.count()).toBeGreaterThan(0);
		for (const fold of await folds.all()) {
			const isOpen = () => fold.evaluate((one) => (one as HTMLDetailsElement).open);
			const before = await isOpen();
			await fold.locator('summary').first().focus();
			await page.keyboard.press('Enter');
			expect(await isOpen()).toBe(!before);
			await page.keyboard.press('Space');
			expect(await isOpen()).toBe(before);
		}
	});
});
