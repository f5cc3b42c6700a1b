import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Debian's package that has it; a font comes with it. */
export const CHROMIUM_PACKAGE = 'chromium';

/** The path of the `chromium` that is on the PATH, or of what CHROMIUM_PATH names; null: there is none. */
export function findChromium(): string | null {
	const { CHROMIUM_PATH, PATH = '' } = process.env;
	const paths = CHROMIUM_PATH ? [CHROMIUM_PATH] : PATH.split(delimiter).map((folder) => join(folder, 'chromium'));
	return paths.find(isProgram) ?? null;
}

/**
 * Starts a Chromium without a window, its text drawn the same on every machine that has the same fonts. Its sandbox is
 * off, as it is for root and in most containers: it sees no page but ours.
 *
 * @throws Error if there is none
 */
export async function launchChromium(): Promise<Browser> {
	const executablePath = findChromium();
	if (executablePath === null) throw new Error(`there is no chromium: apt-get install ${CHROMIUM_PACKAGE}`);
	const args = ['--disable-lcd-text', '--font-render-hinting=none'];
	return chromium.launch({ executablePath, args, chromiumSandbox: false });
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
