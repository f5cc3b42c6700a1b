import { factsOfManifest } from '../backup/history';
import type { Hold } from '../backup/hold';
import { isSealed, type Manifest } from '../backup/manifest';
import type { LifeboatError } from '../core/errors';
import type { BackupView, NoBackupView } from './view';

/** What a backup's own page is made of. */
export interface BackupViewFacts {
	readonly manifest: Manifest;
	/** The copy that it was found in; null: the first store has it. */
	readonly from: string | null;
	/** Its data is there. */
	readonly hasData: boolean;
	readonly hold: Hold | null;
	readonly copies: BackupView['copies'];
	readonly now: Date;
}

/** Makes the view of one backup. */
export function backupViewOf({ manifest, from, hasData, hold, copies, now }: BackupViewFacts): BackupView {
	const { source, object, proof, keys, mediaAssetInventory: media } = manifest;
	return {
		kind: 'backup',
		point: { ...factsOfManifest(manifest), label: manifest.label, isThere: hasData, heldFor: hold?.reason ?? null },
		readAt: now.toISOString(),
		source: { engine: source.engine, version: source.version, location: source.location },
		reading: manifest.reading?.by ?? null,
		object,
		digest: manifest.digest,
		tables: manifest.tables,
		only: manifest.only,
		proof,
		omissions: omissionsOf(manifest),
		keys: (keys?.fingerprints ?? []).map(({ name, fingerprint }) => ({ name, isSet: fingerprint !== null })),
		media: media && { name: media.name, rows: media.tables.reduce((sum, { rows }) => sum + rows, 0) },
		coverage: manifest.coverage,
		copies,
		hold,
		commands: commandsFor(manifest, from),
	};
}

/** How many rows of which table are left out, and why. The manifest gives reasons for the first thousand alone. */
function omissionsOf({ tables, omissions }: Manifest): BackupView['omissions'] {
	const counts = new Map<string, { table: string; reason: string; rows: number }>();
	for (const { table, reason } of omissions) {
		const key = JSON.stringify([table, reason]);
		const known = counts.get(key) ?? { table, reason, rows: 0 };
		counts.set(key, { ...known, rows: known.rows + 1 });
	}
	const told = [...counts.values()];
	const others = tables.flatMap(({ name, omitted }) => {
		const rows = omitted - told.reduce((sum, one) => (one.table === name ? sum + one.rows : sum), 0);
		return rows > 0 ? [{ table: name, reason: 'not told: the manifest lists the first thousand', rows }] : [];
	});
	return [...told, ...others];
}

/** What to type to see whether a backup is whole, to look what a restore would do, to restore it, and to keep it. */
function commandsFor(manifest: Manifest, from: string | null): BackupView['commands'] {
	const { id } = manifest;
	const identity = isSealed(manifest) ? ' --identity identity.txt' : '';
	const where = from === null ? '' : ` --from ${from}`;
	const restore = `npx tsx scripts/restore-turso.ts ${id} --to libsql://FRESH-DATABASE.turso.io${where}${identity}`;
	const verify = `npx tsx scripts/verify-backup.ts ${id}${where}${identity}`;
	const hold = `npx tsx scripts/hold.ts ${id}${where} --reason 'why'`;
	return [
		{ says: 'Keep it: no run removes what is held', command: hold },
		{ says: 'See whether it is whole, and restore it into a scratch database', command: `${verify} --drill` },
		{ says: 'Look first: what a restore would do, and every guard. Writes nothing', command: restore },
		{ says: 'Restore', command: `${restore} --confirm` },
	];
}

/** The view of a backup that is not there, or cannot be read. */
export function noBackupView(id: string, error: LifeboatError, redact: (text: string) => string): NoBackupView {
	const { code, message, hint } = error;
	return {
		kind: 'no-backup',
		id: id.slice(0, 100),
		error: { code, message: redact(message), hint: hint === undefined ? null : redact(hint) },
	};
}
