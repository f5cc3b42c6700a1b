import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { CHROMIUM_PACKAGE, findChromium, launchChromium } from '../support/chromium';

/**
 * Describes what needs a browser, with one that all its tests share. Where there is no Chromium, that is skipped and
 * said; in CI it fails.
 */
export function describeInChromium(name: string, tests: (browser: () => Browser) => void): void {
	if (findChromium() === null) {
		const why = `without chromium: apt-get install --no-install-recommends ${CHROMIUM_PACKAGE}`;
		if (process.env.CI) throw new Error(`the tests of ${name} cannot run ${why}`);
		console.warn(`skipped: ${name}, ${why}`);
		return void describe.skip(`${name} (${why})`, () => tests(() => never()));
	}
	describe(name, () => {
		let browser: Browser | undefined;
		beforeAll(async () => {
			browser = await launchChromium();
		});
		afterAll(() => browser?.close());
		tests(() => browser ?? never());
	});
}

function never(): never {
	throw new Error('the browser has not been started');
}
