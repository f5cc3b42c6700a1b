import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { type NextProcess, startNextProcess } from '../support/next-process';

/** When all scenes are: the morning after a night, UTC. */
export const NOW = '2026-11-20T09:14:00.000Z';
/** Of the site, in all scenes. */
export const PASSWORD = 'Fq3vLr8Xc5Wn2Td7';
/** Where the backups of a scene lie in its store. */
export const FOLDER = 'backups/shop/';

/** The site as an operator finds it, at `NOW`: a store, and the built app in production. */
export interface Scene {
	readonly url: string;
	readonly blob: BlobServer;
	readonly next: NextProcess;
	/** The folder of the copy `offsite`, where the scene has it. */
	readonly offsite: string;
	close(): Promise<void>;
}

/** What distinguishes a scene. */
export interface SceneSetup {
	/** Fills the store and the folder of the copy before the app is started. */
	fill?(blob: BlobServer, offsite: string): Promise<unknown>;
	/** Variables of the app beside the usual ones; empty: not set. */
	readonly env?: Record<string, string>;
	/** The store cannot be reached. */
	readonly isStoreDown?: true;
}

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;

/** Starts a scene. Its clock stands still at `NOW`, and steps on by `stepMs` when it is told to. */
export async function openScene(setup: SceneSetup = {}, stepMs = 0): Promise<Scene> {
	const folder = await mkdtemp(join(tmpdir(), 'lifeboat-scene-'));
	const offsite = join(folder, 'offsite');
	const blob = await startBlobServer({ now: () => new Date(NOW) });
	const close = async (next: NextProcess | null) => {
		await next?.close();
		if (setup.isStoreDown === undefined) await blob.close();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await setup.fill?.(blob, offsite);
		const { NODE_OPTIONS = '', ...blobEnv } = blob.env;
		if (setup.isStoreDown) await blob.close();
		const next = await startNextProcess({
			...blobEnv,
			TURSO_DATABASE_URL: 'libsql://shop-acme.turso.io',
			TURSO_AUTH_TOKEN: 'not-a-token-of-anyone',
			CRON_SECRET: 'not-a-secret-of-anyone',
			BACKUP_NAME: 'shop',
			STATUS_PASSWORD: PASSWORD,
			NODE_OPTIONS: `${NODE_OPTIONS} --import=${CLOCK}`,
			LIFEBOAT_TEST_CLOCK_AT: NOW,
			LIFEBOAT_TEST_CLOCK_STEP_MS: String(stepMs),
			...setup.env,
		});
		return { url: next.url, blob, next, offsite, close: () => close(next) };
	} catch (error) {
		await close(null);
		throw error;
	}
}
