import type { Page } from 'playwright-core';
import { PASSWORD } from './open-scene';

/** Types a password into the form that is shown, and sends it as most do. Resolves when the next page is there. */
export async function enterPassword(page: Page, password = PASSWORD): Promise<void> {
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForLoadState('load');
}

/** Opens a page of the site, by way of the sign-in. */
export async function signInTo(page: Page, path: string): Promise<void> {
	await page.goto(path);
	await enterPassword(page);
}
