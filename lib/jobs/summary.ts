import type { Manifest } from '../backup/manifest';

/** A backup in a few plain facts, for an answer, a log line or a table. No row data, nothing secret. */
export type Summary = ReturnType<typeof summarize>;

/** Sums a manifest up. */
export function summarize(manifest: Manifest) {
	return {
		id: manifest.id,
		createdAt: manifest.createdAt,
		durationMs: manifest.durationMs,
		trigger: manifest.trigger.kind,
		day: manifest.trigger.day,
		label: manifest.label,
		source: manifest.source.location,
		reading: manifest.reading,
		tables: manifest.tables.length,
		rows: manifest.rows,
		bytes: manifest.object.bytes,
		plainBytes: manifest.plainBytes,
		sha256: manifest.object.sha256,
		recipients: manifest.object.recipients,
		proof: manifest.proof.kind,
		proofOf: manifest.proof.of,
		notes: manifest.proof.notes,
		/** Variables of whose values it keeps fingerprints, and those that were not set. */
		keys: (manifest.keys?.fingerprints ?? []).filter(({ fingerprint }) => fingerprint !== null).map(({ name }) => name),
		unsetKeys: unsetKeys(manifest),
		/** Rows in its media inventory; null: it has none. */
		mediaRows: manifest.mediaAssetInventory?.tables.reduce((sum, { rows }) => sum + rows, 0) ?? null,
		coverage: manifest.coverage,
		omittedRows: omittedRows(manifest),
		omitted: manifest.omissions
			.slice(0, 20)
			.map(({ table, row, reason }) => `${JSON.stringify(table)}, ${row}: ${reason}`),
	};
}

/** Variables that a fingerprint was to be kept of, and that were not set. */
export function unsetKeys({ keys }: Manifest): string[] {
	return (keys?.fingerprints ?? []).filter(({ fingerprint }) => fingerprint === null).map(({ name }) => name);
}

/** Rows of the source that are not in the backup. */
export function omittedRows(manifest: Manifest): number {
	return manifest.tables.reduce((sum, { omitted }) => sum + omitted, 0);
}

/** A recipient of post-quantum age has 2,000 characters: its ends tell it from others. */
export function shortRecipient(recipient: string): string {
	return recipient.length <= 70 ? recipient : `${recipient.slice(0, 16)}…${recipient.slice(-8)}`;
}
