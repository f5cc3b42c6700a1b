import { expect, it } from 'vitest';
import { axeFaults } from './axe';
import { layoutFaults } from './layout-faults';
import { SETUPS } from './scenes';
import { describeScene } from './suite';

const SOUND = '<p>One line of text.</p><svg width="200" height="40"><text x="5" y="20">left</text></svg>';

describeScene('what looks for faults', SETUPS.empty, ({ visit }) => {
	it.each([
		['nothing wrong', SOUND, []],
		['no text', '<p></p>', ['there is no text at all']],
		['a wide page', `${SOUND}<div style="width: 2000px; height: 9px"></div>`, ['the page is 2008 px wide']],
		['text out of the window', `<p style="position: absolute; left: -30px">away with it</p>${SOUND}`, ['reaches out']],
		[
			'text that is cut off',
			`<p style="width: 60px; overflow: hidden; white-space: nowrap">a long line</p>`,
			['cut off'],
		],
		['text cut off below', `<p style="height: 9px; overflow: hidden">one<br>two</p>`, ['cut off']],
		['text cut off by a picture', `<svg width="40" height="20"><text y="15">far too long</text></svg>`, ['cut off']],
		['small text', '<p style="font-size: 9px">small</p>', ['is 9.0 px high']],
		[
			'text that a picture makes small',
			`<svg width="100" height="20" viewBox="0 0 400 80"><text y="40">scaled</text></svg>`,
			['is 4.0 px high'],
		],
		[
			'text on text',
			'<svg width="200" height="40"><text x="5" y="20">one</text><text x="15" y="22">two</text></svg>',
			['overlap'],
		],
		[
			'text for reading aloud',
			`<p style="position:absolute;width:1px;height:1px;overflow:hidden">said</p>${SOUND}`,
			[],
		],
		[
			'text that scrolls',
			`<div style="width: 60px; overflow: auto; white-space: nowrap">a long line</div>${SOUND}`,
			[],
		],
		['text that is folded', `<details><summary>more</summary><p style="font-size: 5px">x</p></details>`, []],
	])('tells of %s', async (_, body, expected) => {
		const { page } = await visit({ viewport: { width: 800, height: 600 } });
		await page.setContent(`<html lang="en"><body style="font: 16px sans-serif">${body}</body></html>`);
		const found = await layoutFaults(page);
		expect(found.length).toBeGreaterThanOrEqual(expected.length);
		expect(found.length > 0).toBe(expected.length > 0);
		for (const part of expected) expect(found.join('\n')).toContain(part);
	});

	it('tells of what shuts people out', async () => {
		const { page } = await visit();
		await page.setContent('<html lang="en"><title>t</title><main><h1>a</h1><img src="data:,"></main></html>');
		expect((await axeFaults(page)).join('\n')).toContain('image-alt');
		await page.setContent('<html lang="en"><title>t</title><main><h1 style="color: #ccc">pale</h1></main></html>');
		expect((await axeFaults(page)).join('\n')).toContain('color-contrast');
	});

	it('tells of errors, of what is forbidden, and of what asks elsewhere', async () => {
		const { page, faults } = await visit();
		await page.goto('/sign-in');
		expect(faults).toEqual([]);
		await page.evaluate(() => {
			const picture = document.createElement('img');
			picture.src = 'http://127.0.0.2/x.png';
			document.body.append(picture);
			setTimeout(() => {
				throw new Error('thrown');
			});
			console.error('said');
		});
		await page.waitForTimeout(300);
		expect(faults.join('\n')).toContain('forbidden: img-src');
		expect(faults.join('\n')).toContain('error: thrown');
		expect(faults.join('\n')).toContain('console: said');
	});
});
