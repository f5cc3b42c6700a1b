import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { PASSWORD } from './open-scene';
import { SETUPS } from './scenes';
import { shownText } from './shown-text';
import { enterPassword, goBack, pressButton, signInTo } from './sign-in';
import { describeScene } from './suite';

/** Past the end of every session, and of every limit to attempts. */
const STEP_MS = 40 * 86_400_000;

const pathOf = (page: Page) => new URL(page.url()).pathname;
const verdictOf = (page: Page) => page.getByText('Recoverable', { exact: true });

describeScene(
	'signing in',
	SETUPS.healthy,
	({ visit, scene }) => {
		it('shows nothing before, and the status after, without a fault', async () => {
			const { page, faults } = await visit();
			await page.goto('/');
			expect(pathOf(page)).toBe('/sign-in');
			expect(await page.content()).not.toContain('shop');
			await enterPassword(page);
			expect(pathOf(page)).toBe('/');
			expect(await verdictOf(page).count()).toBeGreaterThan(0);
			expect(faults).toEqual([]);
		});

		it('never leads out of the site', async () => {
			const { page, faults } = await visit();
			for (const next of ['https://example.com/', '//example.com/', '/\\example.com/', 'javascript:alert(1)']) {
				await page.context().clearCookies();
				await signInTo(page, `/sign-in?next=${encodeURIComponent(next)}`);
				expect(page.url()).toBe(`${scene().url}/`);
			}
			expect(faults).toEqual([]);
		});

		it('is kept in a cookie that scripts and other sites never see, and that expires', async () => {
			const { page } = await visit();
			await signInTo(page, '/');
			const cookies = await page.context().cookies();
			expect(cookies).toHaveLength(1);
			expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
			const lastsMs = (cookies[0]?.expires ?? 0) * 1000 - Date.now();
			expect(lastsMs).toBeGreaterThan(60_000);
			expect(lastsMs).toBeLessThan(31 * 86_400_000);
			expect(await page.evaluate(() => document.cookie)).toBe('');
			expect(JSON.stringify(cookies)).not.toContain(PASSWORD);
		});

		it('is not to be had by a cookie of which one character is another', async () => {
			const { page } = await visit();
			await signInTo(page, '/');
			const [cookie] = await page.context().cookies();
			if (cookie === undefined) throw new Error('there is no cookie');
			for (const share of [0.2, 0.5, 0.8]) {
				const at = Math.floor(cookie.value.length * share);
				const other = cookie.value[at] === 'A' ? 'B' : 'A';
				await page
					.context()
					.addCookies([{ ...cookie, value: cookie.value.slice(0, at) + other + cookie.value.slice(at + 1) }]);
				await page.goto('/');
				expect(pathOf(page)).toBe('/sign-in');
			}
		});

		it('ends by signing out, and going back shows nothing of before', async () => {
			const { page, faults } = await visit();
			await signInTo(page, '/');
			await pressButton(page, 'Sign out');
			expect(pathOf(page)).toBe('/sign-in');
			expect(await page.context().cookies()).toEqual([]);
			await goBack(page);
			expect(await verdictOf(page).count()).toBe(0);
			expect(pathOf(page)).toBe('/sign-in');
			await page.goto('/');
			expect(pathOf(page)).toBe('/sign-in');
			expect(faults).toEqual([]);
		});

		it('works, and ends, without JavaScript', async () => {
			const { page, faults } = await visit({ javaScriptEnabled: false });
			await signInTo(page, '/');
			expect(await verdictOf(page).count()).toBeGreaterThan(0);
			await pressButton(page, 'Sign out');
			expect(pathOf(page)).toBe('/sign-in');
			expect(faults).toEqual([]);
		});

		it('refuses a wrong password, says so, and after several the right one too for a while', async () => {
			const { page, faults } = await visit();
			const said = () => shownText(page.locator('main [role=alert]'));
			await page.goto('/');
			await enterPassword(page, `${PASSWORD.slice(0, -1)}x`);
			expect(await said()).toMatch(/password/i);
			expect(await page.content()).not.toContain(PASSWORD.slice(0, -1));
			const first = await said();
			let attempts = 1;
			while ((await said()) === first && attempts < 30) await enterPassword(page, `wrong ${++attempts}`);
			expect(await said()).not.toBe(first);
			await enterPassword(page);
			expect(await verdictOf(page).count()).toBe(0);
			expect(await page.context().cookies()).toEqual([]);
			await scene().next.stepClock();
			await page.goto('/');
			await enterPassword(page);
			expect(pathOf(page)).toBe('/');
			expect(faults).toEqual([]);
		});

		it('is over when its time is', async () => {
			const { page } = await visit();
			await signInTo(page, '/');
			await page.goto('/');
			expect(pathOf(page)).toBe('/');
			await scene().next.stepClock();
			await page.goto('/');
			expect(pathOf(page)).toBe('/sign-in');
		});
	},
	STEP_MS,
);

describeScene('without STATUS_PASSWORD', { ...SETUPS.healthy, env: { STATUS_PASSWORD: '' } }, ({ scene }) => {
	it.each(['/', '/sign-in', '/session', '/session/end', '/backups/backup-20261120T020000Z-7f3a'])(
		'there is no %s',
		async (path) => {
			for (const method of ['GET', 'POST']) {
				const body = method === 'POST' ? new URLSearchParams({ password: PASSWORD, next: '/' }) : undefined;
				const headers = { origin: scene().url };
				const response = await fetch(scene().url + path, { method, body, headers, redirect: 'manual' });
				expect([method, response.status]).toEqual([method, 404]);
				expect(response.headers.get('set-cookie')).toBeNull();
				expect(await response.text()).not.toContain('shop');
			}
		},
	);

	it('the routes for machines are as they were', async () => {
		expect((await fetch(`${scene().url}/api/cron/backup`)).status).toBe(401);
	});
});
