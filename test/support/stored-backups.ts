import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataName, manifestName, newBackupId, type Place } from '../../lib/backup/backup-id';
import { encodeManifest, type Manifest } from '../../lib/backup/manifest';

export interface StoredOptions {
	readonly proof?: Manifest['proof']['kind'];
	/** Made by hand. */
	readonly byHand?: boolean;
	readonly label?: string;
	readonly only?: readonly string[];
	/** The last four digits of the id. */
	readonly suffix?: string;
}

/** The id of what `putBackup` puts. */
export function idAt(createdAt: string, suffix = '0000'): string {
	return newBackupId(new Date(createdAt), () => Number.parseInt(suffix, 16) / 0x10000);
}

/** The names and the bytes of a backup of three bytes, which nobody can restore. */
export function objectsOf(place: Place, createdAt: string, options: StoredOptions = {}): [string, Buffer][] {
	const { proof = 'restored', byHand = false, label = null, only = null, suffix } = options;
	const id = idAt(createdAt, suffix);
	const day = createdAt.slice(0, 10);
	const manifest: Manifest = {
		manifest: 2,
		id,
		createdAt: new Date(createdAt).toISOString(),
		durationMs: 1,
		trigger: byHand ? { kind: 'cli', day: null } : { kind: 'cron', day },
		label,
		source: { engine: 'libsql', version: '3.45.1', location: 'shop.turso.io', fingerprint: 'a'.repeat(64) },
		reading: { by: 'pages', exactRows: 0 },
		object: { name: `${id}.ndjson.gz`, bytes: 3, sha256: 'b'.repeat(64), compression: 'gzip', recipients: [] },
		plainBytes: 10,
		rows: 1,
		digest: 'c'.repeat(64),
		tables: [{ name: 't', rows: 1, bytes: 4, omitted: 0, sha256: 'd'.repeat(64) }],
		only: only === null ? null : [...only],
		proof: { kind: proof, of: 'stored', at: new Date(createdAt).toISOString(), durationMs: 1, notes: [] },
		keys: null,
		mediaAssetInventory: null,
		coverage: null,
		omissions: [],
	};
	return [
		[dataName(place, id, false), Buffer.from('abc')],
		[manifestName(place, id), encodeManifest(manifest)],
	];
}

/** Puts such a backup where `put` puts things, and returns its id. */
export async function putBackup(
	put: (name: string, bytes: Buffer) => Promise<unknown>,
	place: Place,
	at: string,
	options?: StoredOptions,
): Promise<string> {
	for (const [name, bytes] of objectsOf(place, at, options)) await put(name, bytes);
	return idAt(at, options?.suffix);
}

/** Writes objects as a local store has them, without its care for power failures. */
export function intoFolder(root: string): (name: string, bytes: Buffer) => Promise<void> {
	return async (name, bytes) => {
		await mkdir(dirname(join(root, name)), { recursive: true });
		await writeFile(join(root, name), bytes);
	};
}

/** A moment at 02:00 UTC, some days before 20 November 2026, as ISO text. */
export function nightsBefore(days: number): string {
	return new Date(Date.UTC(2026, 10, 20, 2) - days * 86_400_000).toISOString();
}

/** The ids of which a folder has both the data and the manifest, newest first; and names that have not their other half. */
export async function wholeIn(folder: string): Promise<{ ids: string[]; odd: string[] }> {
	const names = (await readdir(folder).catch(() => [])).filter((name) => /^backup-/.test(name));
	const ids = names.filter((name) => name.endsWith('.ndjson.gz')).map((name) => name.slice(0, -'.ndjson.gz'.length));
	const whole = ids.filter((id) => names.includes(`${id}.json`));
	const halves = new Set(whole.flatMap((id) => [`${id}.json`, `${id}.ndjson.gz`]));
	return { ids: whole.sort().reverse(), odd: names.filter((name) => !halves.has(name)) };
}
