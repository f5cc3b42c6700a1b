import { refuseUnfinished } from '../../backup/dump';
import { readInventory } from '../../backup/media/inventory';
import { type FoundTable, MediaReader } from '../../backup/media/media-rows';
import { type BackupSource, counting, newCounted, readBackup } from '../../backup/read-backup';
import { checkStored } from '../../backup/verify-backup';
import { foldCase } from '../../core/fold-case';
import type { MediaTable } from '../../core/media-table';
import type { Snapshot } from '../../engine/engine';
import { openSealed } from '../../format/age';
import type { NamedBlob } from './sorted';

/**
 * The rows of a backup that name Blob objects: of its inventory, or, where it has none, of the backup itself.
 *
 * @throws LifeboatError `BACKUP_DAMAGED`, `KEY_NEEDED`, `KEY_WRONG`
 */
export async function* rowsOfBackup(
	source: BackupSource,
	wanted: readonly MediaTable[],
	signal: AbortSignal | undefined,
): AsyncGenerator<NamedBlob> {
	const inventory = source.manifest?.mediaAssetInventory ?? null;
	if (inventory !== null && source.openMedia !== undefined) {
		const counted = newCounted();
		const stored = counting(await source.openMedia(), counted);
		yield* readInventory(openSealed(stored, source.keys ?? null));
		checkStored(inventory, counted, 'the media inventory is not the one that the manifest tells of');
		return;
	}
	const reader = new MediaReader(wanted);
	for await (const event of readBackup(await source.open(), newCounted(), { keys: source.keys })) {
		signal?.throwIfAborted();
		if (event.kind === 'table') reader.open(event);
		if (event.kind === 'rows') yield* reader.rows(event.bytes);
	}
}

/**
 * The rows of a database that name Blob objects, and, in `found`, the tables that have them.
 *
 * @throws LifeboatError `RESTORE_UNFINISHED` for a database that is being restored into
 */
export async function* rowsOfDatabase(
	snapshot: Snapshot,
	wanted: readonly MediaTable[],
	found: FoundTable[],
): AsyncGenerator<NamedBlob> {
	refuseUnfinished(snapshot);
	const names = new Set(wanted.map(({ table }) => foldCase(table)));
	const tables = snapshot.tables.filter(({ name }) => names.has(foldCase(name)));
	const reader = new MediaReader(wanted);
	for await (const event of snapshot.read(new Set(tables.map(({ name }) => name)))) {
		if (event.kind === 'open') reader.open(event.table);
		if (event.kind === 'rows') yield* reader.rows(event.bytes);
	}
	found.push(...reader.found);
}
