import type { Page } from 'playwright-core';
import { PASSWORD } from './open-scene';

/** Types a password into the form that is shown, and sends it. Resolves when the next page is there. */
export async function enterPassword(page: Page, password = PASSWORD): Promise<void> {
	await page.getByLabel('Password').fill(password);
	await pressButton(page, 'Sign in');
}

/** Presses a button that leads to another page. Resolves when that is there. */
export async function pressButton(page: Page, name: string): Promise<void> {
	const loaded = page.waitForEvent('load');
	await page.getByRole('button', { name }).click();
	await loaded;
}

/** Opens a page of the site, by way of the sign-in. */
export async function signInTo(page: Page, path: string): Promise<void> {
	await page.goto(path);
	await enterPassword(page);
}

/** Goes back in the window's history. Resolves when what was there is there again, or what stands in its place. */
export async function goBack(page: Page): Promise<void> {
	const loaded = page.waitForEvent('load');
	await page.goBack();
	await loaded;
}
