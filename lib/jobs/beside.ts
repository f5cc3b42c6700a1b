import { randomBytes } from 'node:crypto';
import { type CoverageFacts, coverageOf } from '../backup/coverage';
import { fingerprintKeys, type NamedKey } from '../backup/key-fingerprints';
import type { Manifest } from '../backup/manifest';
import { InventoryTap } from '../backup/media/inventory';
import { counting, newCounted } from '../backup/read-backup';
import { checkStored } from '../backup/verify-backup';
import type { Config } from '../config/config';
import { foldCase } from '../core/fold-case';
import type { MediaTable } from '../core/media-table';
import { inStep } from '../core/step';
import { openSealer } from '../format/age';
import type { Store } from '../store/store';
import { InventoryFile } from './media/inventory-file';

/** What a backup tells of, beside the database. */
export interface Beside extends Pick<CoverageFacts, 'elsewhere' | 'copies'> {
	readonly keys: readonly NamedKey[];
	readonly media: readonly MediaTable[];
}

/** What the configuration says that a backup is to tell of. */
export function besideOf({ keyNames, secretOf, media, elsewhere, copies }: Config): Beside {
	return {
		keys: keyNames.map((name) => ({ name, value: secretOf(name) })),
		media,
		elsewhere,
		copies: copies.map(({ name }) => name),
	};
}

/** Gathers what is beside the database, while it is dumped. */
export interface BesideRun {
	/** Sees the rows of the dump. */
	readonly tap: InventoryTap | undefined;
	/** Stores what was gathered, reads it back, and returns the manifest with it. */
	finish(manifest: Omit<Manifest, 'keys' | 'mediaAssetInventory' | 'coverage'>, put: PutOptions): Promise<Manifest>;
	close(): Promise<void>;
}

interface PutOptions {
	readonly store: Store;
	/** Of the inventory. */
	readonly name: string;
	/** Opens it in the store, where so many bytes of it were written. */
	readonly open: (bytes: number) => Promise<AsyncIterable<Uint8Array>>;
	readonly signal?: AbortSignal;
}

/** Starts gathering. */
export async function startBeside(beside: Beside, scratchDir: string): Promise<BesideRun> {
	const file = beside.media.length > 0 ? await InventoryFile.open(scratchDir) : null;
	const tap = file === null ? undefined : new InventoryTap(beside.media, file);
	return {
		tap,
		async finish(manifest, put) {
			// Last: what it takes of memory does not come on top of a dump's.
			const keys = await fingerprintKeys(beside.keys, randomBytes(16));
			const tables = tap?.found ?? [];
			const isKept = file !== null && file.failure === null && tables.length > 0;
			const { recipients } = manifest.object;
			const stored = isKept ? await inStep('storing the inventory', () => putInventory(file, recipients, put)) : null;
			const media = stored && { ...stored, tables: tables.map((table) => ({ ...table })) };
			const whole = { ...manifest, keys, mediaAssetInventory: media };
			const mediaFailed = tables.length > 0 ? (file?.failure ?? null) : null;
			const { elsewhere, copies } = beside;
			const facts = { elsewhere, copies, mediaMissing: missingOf(beside.media, tables), mediaFailed };
			return { ...whole, coverage: coverageOf(whole, facts) };
		},
		close: async () => file?.close(),
	};
}

/** Sealed as the backup is: it holds what rows say. */
async function putInventory(
	file: InventoryFile,
	recipients: readonly string[],
	{ store, name, open, signal }: PutOptions,
): Promise<{ name: string; bytes: number; sha256: string }> {
	const seal = recipients.length > 0 ? await openSealer(recipients) : null;
	const plain = file.read(signal);
	const contentType = seal === null ? 'application/gzip' : 'application/octet-stream';
	const sent = newCounted();
	await store.put(name, counting(seal === null ? plain : seal(plain), sent), { contentType, signal });
	const back = newCounted();
	for await (const _ of counting(await open(sent.storedBytes), back));
	checkStored({ bytes: sent.storedBytes, sha256: sent.storedSha256 }, back);
	return { name: name.slice(name.lastIndexOf('/') + 1), bytes: sent.storedBytes, sha256: sent.storedSha256 };
}

/** Tables that were asked for in so many words, and are not there, or lack a column. */
function missingOf(wanted: readonly MediaTable[], found: InventoryTap['found']): string[] {
	return wanted.flatMap(({ table, url, pathname, byDefault }) => {
		if (byDefault) return [];
		const one = found.find((there) => foldCase(there.table) === foldCase(table));
		const isWhole = one && (url === null) === (one.url === null) && (pathname === null) === (one.pathname === null);
		return isWhole ? [] : [`${table}(${[url ?? '', pathname].filter((column) => column !== null).join(',')})`];
	});
}
