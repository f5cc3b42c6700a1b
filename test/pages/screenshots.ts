import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { buildApp } from '../support/build-app';
import { launchChromium } from '../support/chromium';
import { openScene } from './open-scene';
import { BACKUPS, type SceneName, SETUPS } from './scenes';
import { signInTo } from './sign-in';
import { openVisit } from './visit';

/** A picture of a page. */
interface Shot {
	readonly scene: SceneName;
	readonly path: string;
	/** Of the window, in px. */
	readonly width: number;
	/** Of the picture, in px; undefined: the whole page. */
	readonly height?: number;
	readonly scheme: 'light' | 'dark';
	/** Nobody has signed in. */
	readonly isPublic?: true;
	/** All that is folded is open. */
	readonly isOpen?: true;
}

const DESK = 1200;
const PHONE = 360;
const BACKUP = `/backups/${BACKUPS.newest}`;
const NO_BACKUP = '/backups/backup-20200101T020000Z-0000';
const DOCS = join(import.meta.dirname, '../../docs/screenshots');

/** The pictures of docs/status-page.md, by their names. */
const SHOWN: Readonly<Record<string, Shot>> = {
	healthy: { scene: 'healthy', path: '/', width: DESK, height: 960, scheme: 'light' },
	'healthy-dark': { scene: 'healthy', path: '/', width: DESK, height: 720, scheme: 'dark' },
	whole: { scene: 'healthy', path: '/', width: DESK, scheme: 'light' },
	phone: { scene: 'healthy', path: '/', width: PHONE, height: 1400, scheme: 'light' },
	backup: { scene: 'healthy', path: BACKUP, width: DESK, height: 1400, scheme: 'light' },
	'no-backup': { scene: 'healthy', path: NO_BACKUP, width: DESK, height: 400, scheme: 'light' },
	'out-of-date': { scene: 'stale', path: '/', width: DESK, height: 560, scheme: 'light' },
	failed: { scene: 'failed', path: '/', width: DESK, height: 560, scheme: 'dark' },
	missed: { scene: 'missed', path: '/', width: DESK, height: 560, scheme: 'light' },
	shrank: { scene: 'shrunk', path: '/', width: DESK, height: 560, scheme: 'light' },
	sealed: { scene: 'sealed', path: BACKUP, width: DESK, height: 900, scheme: 'dark' },
	'first-run': { scene: 'empty', path: '/', width: DESK, height: 560, scheme: 'light' },
	'store-down': { scene: 'unreachable', path: '/', width: DESK, height: 560, scheme: 'light' },
	misconfigured: { scene: 'misconfigured', path: '/', width: DESK, height: 560, scheme: 'light' },
	'sign-in': { scene: 'healthy', path: '/sign-in', width: PHONE, height: 480, scheme: 'dark', isPublic: true },
};

/** Every page of every scene, in both schemes and widths, whole, folded and open. */
function everyShot(): Record<string, Shot> {
	const all: Record<string, Shot> = {};
	const pages: Pick<Shot, 'scene' | 'path' | 'isPublic'>[] = [
		...(Object.keys(SETUPS) as SceneName[]).map((scene) => ({ scene, path: '/' })),
		{ scene: 'healthy', path: BACKUP },
		{ scene: 'sealed', path: BACKUP },
		{ scene: 'healthy', path: NO_BACKUP },
		{ scene: 'healthy', path: '/sign-in', isPublic: true },
	];
	for (const page of pages) {
		const own = page.path === BACKUP ? '-backup' : page.path === NO_BACKUP ? '-no-backup' : page.path.replace('/', '-');
		const name = page.scene + (own === '-' ? '' : own);
		for (const scheme of ['light', 'dark'] as const) {
			for (const width of [PHONE, 1440]) {
				all[`${name}-${scheme}-${width}`] = { ...page, scheme, width };
				all[`${name}-${scheme}-${width}-open`] = { ...page, scheme, width, isOpen: true };
			}
		}
	}
	return all;
}

/** Takes the pictures of one scene. */
async function takeAll(browser: Browser, name: SceneName, shots: [string, Shot][], folder: string): Promise<void> {
	const scene = await openScene(SETUPS[name], { folder: join(tmpdir(), 'lifeboat-screenshots') });
	try {
		const first = await openVisit(browser, scene.url);
		await signInTo(first.page, '/');
		const session = await first.page.context().storageState();
		await first.close();
		for (const [file, { path, width, height, scheme, isPublic, isOpen }] of shots) {
			const visit = await openVisit(browser, scene.url, {
				viewport: { width, height: height ?? 900 },
				colorScheme: scheme,
				...(isPublic ? {} : { storageState: session }),
			});
			await visit.page.goto(path, { waitUntil: 'load' });
			await visit.page.evaluate('document.fonts.ready.then(() => true)');
			if (isOpen)
				await visit.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
			// To hide the caret, Playwright would bring in a style of its own, which the site forbids.
			await visit.page.screenshot({
				path: join(folder, `${file}.png`),
				fullPage: height === undefined,
				caret: 'initial',
			});
			await visit.close();
			if (visit.faults.length > 0) throw new Error(`${file}: ${visit.faults.join('; ')}`);
			console.log(`${file}.png`);
		}
	} finally {
		await scene.close();
	}
}

const { values } = parseArgs({ options: { all: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) {
	console.log('npm run screenshots                    writes the pictures of docs/status-page.md');
	console.log('npm run screenshots -- --all FOLDER    writes every page of every state, to be looked at');
} else {
	const shots = values.all === undefined ? SHOWN : everyShot();
	const folder = values.all ?? DOCS;
	if (values.all === undefined) await rm(DOCS, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await buildApp();
	const browser = await launchChromium();
	try {
		const scenes = [...new Set(Object.values(shots).map(({ scene }) => scene))];
		for (const name of scenes) {
			const some = Object.entries(shots).filter(([, { scene }]) => scene === name);
			await takeAll(browser, name, some, folder);
		}
	} finally {
		await browser.close();
	}
}
