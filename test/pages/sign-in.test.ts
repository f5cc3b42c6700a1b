import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { recordOutput } from '../support/secrets';
import { openScene, PASSWORD, type Scene } from './open-scene';
import { SETUPS } from './scenes';
import { enterPassword, signInTo } from './sign-in';
import { describeInChromium } from './suite';
import { openVisit, type Visit } from './visit';

/** Past the end of every session, and of every limit to attempts. */
const STEP_MS = 40 * 86_400_000;

describeInChromium('signing in', (browser) => {
	let scene: Scene;
	beforeAll(async () => {
		scene = await openScene(SETUPS.healthy, STEP_MS);
	});
	afterAll(async () => {
		await scene?.close();
		recordOutput("the server's output", scene?.next.output() ?? '');
		expect(scene?.next.output()).not.toContain(PASSWORD);
	});

	async function givenVisit(): Promise<Visit> {
		const visit = await openVisit(browser(), scene.url);
		onTestFinished(() => visit.close());
		return visit;
	}

	const pathOf = (page: Page) => new URL(page.url()).pathname;
	const verdictOf = (page: Page) => page.getByText('Recoverable', { exact: true });

	it('shows nothing before, and the status after, without a fault', async () => {
		const { page, faults } = await givenVisit();
		await page.goto('/');
		expect(pathOf(page)).toBe('/sign-in');
		expect(await page.content()).not.toContain('shop');
		await enterPassword(page);
		expect(pathOf(page)).toBe('/');
		expect(await verdictOf(page).count()).toBeGreaterThan(0);
		expect(faults).toEqual([]);
	});

	it('leads to where one wanted to go, and never out of the site', async () => {
		const { page, faults } = await givenVisit();
		await signInTo(page, '/?theme=none');
		expect(pathOf(page)).toBe('/');
		for (const next of ['https://example.com/', '//example.com/', '/\\example.com/', 'javascript:alert(1)']) {
			await page.context().clearCookies();
			await signInTo(page, `/sign-in?next=${encodeURIComponent(next)}`);
			expect(page.url()).toBe(`${scene.url}/`);
		}
		expect(faults).toEqual([]);
	});

	it('is kept in a cookie that scripts and other sites never see, and that expires', async () => {
		const { page } = await givenVisit();
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
		const { page } = await givenVisit();
		await signInTo(page, '/');
		const [cookie] = await page.context().cookies();
		if (cookie === undefined) throw new Error('there is no cookie');
		for (const at of [0.2, 0.5, 0.8]) {
			const index = Math.floor(cookie.value.length * at);
			const other = cookie.value[index] === 'A' ? 'B' : 'A';
			const value = cookie.value.slice(0, index) + other + cookie.value.slice(index + 1);
			await page.context().addCookies([{ ...cookie, value }]);
			await page.goto('/');
			expect(pathOf(page)).toBe('/sign-in');
		}
	});

	it('ends by signing out, and going back shows nothing of before', async () => {
		const { page, faults } = await givenVisit();
		await signInTo(page, '/');
		await page.getByRole('button', { name: 'Sign out' }).click();
		await page.waitForLoadState('load');
		expect(pathOf(page)).toBe('/sign-in');
		expect(await page.context().cookies()).toEqual([]);
		await page.goBack();
		expect(await verdictOf(page).count()).toBe(0);
		expect(pathOf(page)).toBe('/sign-in');
		await page.goto('/');
		expect(pathOf(page)).toBe('/sign-in');
		expect(faults).toEqual([]);
	});

	it('works, and ends, without JavaScript', async () => {
		const visit = await openVisit(browser(), scene.url, { javaScriptEnabled: false });
		onTestFinished(() => visit.close());
		await signInTo(visit.page, '/');
		expect(await verdictOf(visit.page).count()).toBeGreaterThan(0);
		await visit.page.getByRole('button', { name: 'Sign out' }).click();
		await visit.page.waitForLoadState('load');
		expect(pathOf(visit.page)).toBe('/sign-in');
		expect(visit.faults).toEqual([]);
	});

	it('refuses a wrong password, says so, and after several the right one too for a while', async () => {
		const { page, faults } = await givenVisit();
		await page.goto('/');
		await enterPassword(page, `${PASSWORD.slice(0, -1)}x`);
		expect(await page.context().cookies()).toEqual([]);
		expect(await page.getByRole('alert').innerText()).toMatch(/password/i);
		expect(await page.content()).not.toContain(PASSWORD.slice(0, -1));
		const statuses: number[] = [];
		page.on('response', (response) => {
			if (response.request().method() === 'POST') statuses.push(response.status());
		});
		let attempts = 0;
		const isLimited = async () => /too many|wait|again in/i.test(await page.getByRole('alert').innerText());
		while (!(await isLimited()) && attempts++ < 30) await enterPassword(page, `wrong ${attempts}`);
		expect(await isLimited()).toBe(true);
		await enterPassword(page);
		expect(await verdictOf(page).count()).toBe(0);
		expect(await page.context().cookies()).toEqual([]);
		await scene.next.stepClock();
		await enterPassword(page);
		expect(await verdictOf(page).count()).toBe(1);
		expect(faults).toEqual([]);
	});

	it('is over when its time is', async () => {
		const { page } = await givenVisit();
		await signInTo(page, '/');
		await page.goto('/');
		expect(pathOf(page)).toBe('/');
		await scene.next.stepClock();
		await page.goto('/');
		expect(pathOf(page)).toBe('/sign-in');
	});
});

describeInChromium('without STATUS_PASSWORD', () => {
	let scene: Scene;
	beforeAll(async () => {
		scene = await openScene({ ...SETUPS.healthy, env: { STATUS_PASSWORD: '' } });
	});
	afterAll(() => scene?.close());

	it.each(['/', '/sign-in', '/session', '/session/end', '/backups/backup-20261120T020000Z-7f3a'])(
		'there is no %s',
		async (path) => {
			for (const method of ['GET', 'POST']) {
				const body = method === 'POST' ? new URLSearchParams({ password: PASSWORD, next: '/' }) : undefined;
				const headers = { origin: scene.url };
				const response = await fetch(scene.url + path, { method, body, headers, redirect: 'manual' });
				expect([method, response.status]).toEqual([method, 404]);
				expect(response.headers.get('set-cookie')).toBeNull();
				expect(await response.text()).not.toContain('shop');
			}
		},
	);

	it('the routes for machines are as they were', async () => {
		expect((await fetch(`${scene.url}/api/cron/backup`)).status).toBe(401);
	});
});
