import { createHash } from 'node:crypto';
import { createClient } from '@libsql/client';
import { expect, onTestFinished } from 'vitest';
import { decodeManifest, type Manifest } from '../../lib/backup/manifest';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { givenFolder } from '../support/given-folder';
import { type Answer, type NextServer, startNext } from '../support/next-server';
import { recordOutput, SECRETS } from '../support/secrets';
import { type Sqld, startSqld } from '../support/sqld';

/** Where the backups of a test's database lie in its store. */
export const FOLDER = 'backups/shop/';
/** The summary that the nightly job keeps: only an aid, and so left out of what a test looks at. */
export const SUMMARY = 'history.json';
export const LEASE = `${FOLDER}lease.json`;

/** A database like a small shop's, every storage class in it. */
export const SHOP = `
	CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, born REAL);
	CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id), total INTEGER);
	CREATE TABLE "MediaAsset"(key TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
	CREATE INDEX orders_user ON orders(user);
	CREATE TRIGGER orders_total AFTER INSERT ON orders WHEN new.total < 0 BEGIN SELECT raise(ABORT, 'negative'); END;
	INSERT INTO users VALUES (1, 'Ada', 0.1), (2, 'Zoë', 9e999), (9007199254740993, 'Grace', -0.0);
	INSERT INTO orders VALUES (1, 1, 250), (2, 1, 9223372036854775807), (3, 2, NULL);
	INSERT INTO "MediaAsset" VALUES ('logo', x'00ff10'), ('none', NULL);
`;
export const SHOP_ROWS = 8;

/** Runs statements on a database over HTTP or in a file. */
export async function execute(url: string, sql: string): Promise<void> {
	const client = createClient({ url });
	await client.executeMultiple(sql).finally(() => client.close());
}

/** A sqld server with a database in it, until the test ends. */
export async function givenDatabase(sql = SHOP): Promise<Sqld> {
	const sqld = await startSqld();
	onTestFinished(() => sqld.close());
	await execute(sqld.url, sql);
	return sqld;
}

/** A Blob store, and what a test asks of it. */
export interface Deposit {
	readonly blob: BlobServer;
	/** The names in the store, without what stands before the last slash; the summary left out. */
	names(): string[];
	/** The manifests in the store, each valid and with its data beside it. */
	manifests(): Promise<Manifest[]>;
	/** Whether the lease is there, and has been given up. */
	leaseIsFree(): Promise<boolean>;
	/** The variables of a process that is to back up the database at `url` into it. */
	envFor(url: string): Record<string, string>;
}

export interface Deployment extends Deposit {
	readonly next: NextServer;
	/** The variables of a script that is to work on the same database and store. */
	readonly env: Record<string, string>;
}

/** A Blob store of a test's own, until it ends. What is stored there in plain text is searched for secrets. */
export async function givenDeposit(): Promise<Deposit> {
	// Of its own, as a server whose clock is days ahead takes every scratch database that it finds for an old one.
	const scratch = await givenFolder();
	const blob = await startBlobServer({ token: SECRETS.BLOB_READ_WRITE_TOKEN });
	onTestFinished(async () => {
		for (const { pathname } of blob.objects) {
			if (pathname.endsWith('.json')) recordOutput(pathname, (await blob.contentOf(pathname)).toString());
		}
		await blob.close();
	});
	const names = () =>
		blob.objects
			.map(({ pathname }) => pathname.slice(pathname.lastIndexOf('/') + 1))
			.filter((name) => name !== SUMMARY);
	return {
		blob,
		names,
		async manifests() {
			const found = names().filter((name) => name.startsWith('backup-') && name.endsWith('.json'));
			return Promise.all(
				found.map(async (name) => {
					const manifest = decodeManifest(await blob.contentOf(FOLDER + name), name);
					const data = await blob.contentOf(FOLDER + manifest.object.name);
					expect(manifest.object.bytes).toBe(data.byteLength);
					expect(manifest.object.sha256).toBe(createHash('sha256').update(data).digest('hex'));
					return manifest;
				}),
			);
		},
		async leaseIsFree() {
			const lease = JSON.parse((await blob.contentOf(LEASE)).toString());
			return Date.parse(lease.expiresAt) <= Date.now();
		},
		envFor: (url) => ({
			...SECRETS,
			...blob.env,
			TURSO_DATABASE_URL: url,
			BACKUP_NAME: 'shop',
			BACKUP_SCRATCH_DIR: scratch,
		}),
	};
}

/** The app in production with a Blob store of its own, until the test ends. */
export async function givenApp(url: string, more: Record<string, string> = {}): Promise<Deployment> {
	const deposit = await givenDeposit();
	const env = { ...deposit.envFor(url), ...more };
	const next = await givenServer(env);
	return { ...deposit, next, env };
}

/** The app in production, until the test ends. */
export async function givenServer(env: Record<string, string>): Promise<NextServer> {
	const next = await startNext(env);
	onTestFinished(() => next.close());
	return next;
}

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;

/** The same variables, with a wall clock that is `shiftMs` ahead, and steps on by `stepMs` when it is told to. */
export function ahead(env: Record<string, string>, shiftMs: number, stepMs = 0): Record<string, string> {
	return {
		...env,
		NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} --import=${CLOCK}`,
		LIFEBOAT_TEST_CLOCK_SHIFT_MS: String(shiftMs),
		LIFEBOAT_TEST_CLOCK_STEP_MS: String(stepMs),
	};
}

/** What an answer says in short, its headers checked. */
export function gist({ status, headers, body }: Answer): [status: number, what: string | undefined] {
	expect(headers.get('cache-control')).toBe('no-store');
	return [status, body?.error?.code ?? body?.status];
}
