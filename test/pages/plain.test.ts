import { expect, it } from 'vitest';
import { BACKUPS, SETUPS } from './scenes';
import { shownText } from './shown-text';
import { describeScene } from './suite';

describeScene('what the site sends', SETUPS.healthy, ({ enter, scene, visit }) => {
	it.each(['/', `/backups/${BACKUPS.newest}`])('%s says the same without JavaScript', async (path) => {
		const read = async (javaScriptEnabled: boolean) => {
			const { page, faults } = await enter({ javaScriptEnabled });
			await page.goto(path, { waitUntil: 'networkidle' });
			expect(faults).toEqual([]);
			return shownText(page.locator('body'));
		};
		const text = await read(false);
		expect(text.length).toBeGreaterThan(500);
		expect(await read(true)).toBe(text);
	});

	it.each(['/', '/sign-in', '/nothing-here'])('%s may run no script that stands in the page', async (path) => {
		const { page } = await enter();
		const response = await page.goto(path);
		const headers = response?.headers() ?? {};
		const policy = new Map(
			headers['content-security-policy']?.split(';').map((directive) => {
				const [name = '', ...sources] = directive.trim().split(/\s+/);
				return [name, sources] as const;
			}),
		);
		const scripts = policy.get('script-src') ?? policy.get('default-src');
		expect(scripts?.join(' ')).toMatch(/^('none'|'self'|'nonce-|'strict-dynamic')/);
		for (const sources of policy.values()) expect(sources.join(' ')).not.toMatch(/unsafe-|\*|https?:|data:/);
		expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
		expect(policy.get('form-action')).toEqual(["'self'"]);
		expect(policy.get('base-uri')).toEqual(["'none'"]);
		expect(headers['x-robots-tag']).toContain('noindex');
		expect(headers['cache-control']).toContain('no-store');
		expect(headers['x-content-type-options']).toBe('nosniff');
	});

	it('holds a script that somebody brings in', async () => {
		const { page, faults } = await visit();
		await page.goto('/sign-in');
		await page.evaluate(() => {
			const script = document.createElement('script');
			script.textContent = 'window.isBroken = true';
			document.body.append(script);
		});
		expect(await page.evaluate(() => 'isBroken' in window)).toBe(false);
		expect(faults.join('\n')).toContain('script-src');
	});

	it('has no button that does anything but sign out, and no form but that', async () => {
		for (const path of ['/', `/backups/${BACKUPS.newest}`]) {
			const { page } = await enter();
			await page.goto(path);
			const actions = await page
				.locator('form')
				.evaluateAll((forms) => forms.map((form) => form.getAttribute('action')));
			expect(actions).toEqual(['/session/end']);
			expect(await page.locator('button').allInnerTexts()).toEqual(['Sign out']);
		}
	});

	it('can be read by nobody who was not let in, whatever the page', async () => {
		for (const path of ['/', `/backups/${BACKUPS.newest}`, '/?_rsc=1']) {
			for (const headers of [
				[],
				[['rsc', '1']],
				[
					['rsc', '1'],
					['next-router-prefetch', '1'],
				],
			] as [string, string][][]) {
				const response = await fetch(scene().url + path, { headers, redirect: 'manual' });
				expect([path, response.status < 300]).toEqual([path, false]);
				expect(await response.text()).not.toContain('shop');
			}
		}
	});
});
