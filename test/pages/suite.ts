import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { CHROMIUM_PACKAGE, findChromium, launchChromium } from '../support/chromium';
import { recordOutput, SECRETS } from '../support/secrets';
import { openScene, PASSWORD, type Scene, type SceneSetup } from './open-scene';
import { signInTo } from './sign-in';
import { openVisit, type Visit } from './visit';

/** What the tests of a scene have at hand. */
export interface Given {
	/** Opens a window on the site, until the test ends. */
	visit(options?: BrowserContextOptions): Promise<Visit>;
	/** The same, signed in. */
	enter(options?: BrowserContextOptions): Promise<Visit>;
	scene(): Scene;
}

type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

/** One for all tests of a file. */
let browser: Browser | undefined;
afterAll(() => browser?.close());

/**
 * Describes what is seen of a scene in a browser. Where there is no Chromium, that is skipped and said; in CI it fails.
 * What the scene's server has written is searched for secrets.
 */
export function describeScene(name: string, setup: SceneSetup, tests: (given: Given) => void, stepMs = 0): void {
	if (findChromium() === null) {
		const why = `without chromium: apt-get install --no-install-recommends ${CHROMIUM_PACKAGE}`;
		if (process.env.CI) throw new Error(`the tests of ${name} cannot run ${why}`);
		recordOutput('nothing', '');
		console.warn(`skipped: ${name}, ${why}`);
		return void describe.skip(`${name} (${why})`, () => tests({ visit: never, enter: never, scene: never }));
	}
	describe(name, () => {
		let scene: Scene | undefined;
		let session: Promise<Session> | undefined;
		beforeAll(async () => {
			browser ??= await launchChromium();
			scene = await openScene(setup, { secrets: SECRETS, stepMs });
		});
		afterAll(async () => {
			await scene?.close();
			const output = scene?.next.output() ?? '';
			recordOutput("the server's output", output);
			if (output.includes(PASSWORD)) throw new Error(`the server writes the password: ${output}`);
		});
		const visit = async (options?: BrowserContextOptions) => {
			const visit = await openVisit(browser ?? never(), scene?.url ?? never(), options);
			onTestFinished(() => visit.close());
			return visit;
		};
		tests({
			visit,
			scene: () => scene ?? never(),
			async enter(options) {
				session ??= signIn(visit);
				return visit({ storageState: await session, ...options });
			},
		});
	});
}

/** Signs in by the form, once for all tests of a scene. */
async function signIn(visit: Given['visit']): Promise<Session> {
	const { page } = await visit();
	await signInTo(page, '/');
	return page.context().storageState();
}

function never(): never {
	throw new Error('nothing has been started');
}
