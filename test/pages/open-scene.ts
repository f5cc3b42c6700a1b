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
	close(): Promise<void>;
}

/** What distinguishes a scene. */
export interface SceneSetup {
	/** Fills the store, and the folder of the copy `offsite`, before the app is started. */
	fill?(blob: BlobServer, offsite: string): Promise<unknown>;
	/** Variables of the app beside the usual ones; empty: not set. */
	readonly env?: Readonly<Record<string, string>>;
	/** The store cannot be reached. */
	readonly isStoreDown?: true;
}

export interface SceneOptions {
	/** The secrets of the app, by variable. */
	readonly secrets?: Readonly<Record<string, string>>;
	/** By how much its clock, which stands still, moves on when it is told to, in ms; 0: it cannot be told. */
	readonly stepMs?: number;
	/** Of the copy `offsite`, for pictures that are the same each time; one of its own by default. */
	readonly folder?: string;
}

/** What stands in for secrets where nobody looks for them. */
const NO_SECRETS: Readonly<Record<string, string>> = {
	TURSO_AUTH_TOKEN: 'not-a-token-of-anyone',
	CRON_SECRET: 'not-a-secret-of-anyone',
};
const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;

/** Starts a scene. */
export async function openScene(setup: SceneSetup, options: SceneOptions = {}): Promise<Scene> {
	const { secrets = NO_SECRETS, stepMs = 0 } = options;
	const { folder = await mkdtemp(join(tmpdir(), 'lifeboat-scene-')) } = options;
	const offsite = join(folder, 'offsite');
	const blob = await startBlobServer({ token: secrets.BLOB_READ_WRITE_TOKEN, now: () => new Date(NOW) });
	let isOpen = true;
	const closeBlob = async () => {
		if (isOpen) await blob.close();
		isOpen = false;
	};
	const clear = async () => {
		await closeBlob();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await setup.fill?.(blob, offsite);
		const { NODE_OPTIONS = '', ...blobEnv } = blob.env;
		if (setup.isStoreDown) await closeBlob();
		const next = await startNextProcess({
			...secrets,
			...blobEnv,
			TURSO_DATABASE_URL: 'libsql://shop-acme.turso.io',
			BACKUP_NAME: 'shop',
			BACKUP_COPIES: 'offsite',
			BACKUP_FOLDER_OFFSITE: offsite,
			STATUS_PASSWORD: PASSWORD,
			NODE_OPTIONS: `${NODE_OPTIONS} --import=${CLOCK}`,
			LIFEBOAT_TEST_CLOCK_AT: NOW,
			LIFEBOAT_TEST_CLOCK_STEP_MS: String(stepMs),
			...setup.env,
		});
		return {
			url: next.url,
			blob,
			next,
			async close() {
				await next.close();
				await clear();
			},
		};
	} catch (error) {
		await clear();
		throw error;
	}
}
