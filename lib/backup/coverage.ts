import type { Manifest } from './manifest';

/** What a manifest says of what is in the backup, and what is not and where that lives. */
export type Coverage = NonNullable<Manifest['coverage']>;

/** What coverage is told from, beside the manifest itself. */
export interface CoverageFacts {
	/** Media tables that were asked for, and that the database does not have so. */
	readonly mediaMissing: readonly string[];
	/** Why there is no media inventory, though there are tables for it; null otherwise. */
	readonly mediaFailed: string | null;
	/** What the operator says. */
	readonly elsewhere: readonly { readonly what: string; readonly where: string }[];
	/** Names of the further stores that backups are copied to. */
	readonly copies: readonly string[];
}

/** Says what a backup covers, from its manifest and what is configured. */
export function coverageOf(manifest: Omit<Manifest, 'coverage'>, facts: CoverageFacts): Coverage {
	const { tables, only, mediaAssetInventory: media, keys, object, omissions } = manifest;
	const inBackup = [
		`the rows of ${only === null ? tables.length : only.length} tables (${manifest.rows}), bit for bit`,
		'the schema: tables, indexes, views, triggers, virtual tables, and the sequences',
		'user_version and application_id',
	];
	const set = keys?.fingerprints.filter(({ fingerprint }) => fingerprint !== null).map(({ name }) => name) ?? [];
	if (set.length > 0) inBackup.push(`fingerprints of ${set.join(', ')}, from which no value can be told`);
	if (media !== null) inBackup.push(`an inventory of the Blob objects that rows of ${tablesOf(media)} name`);
	const notInBackup: Coverage['notInBackup'] = [];
	const out = (what: string, where: string) => notInBackup.push({ what, where });
	if (only !== null) out('the rows of all other tables', 'in the database; --tables left them out');
	if (omissions.length > 0) out('rows that could not be carried', 'in the database; the manifest lists them');
	if (media !== null)
		out('the media files', 'in the Blob store; mirror-media.ts keeps a copy, relink-media.ts brings it back');
	else out('Blob objects and other files', 'in their own store; BACKUP_MEDIA makes an inventory of them');
	if (facts.mediaFailed !== null)
		out('the media inventory', `not made: ${facts.mediaFailed}; check-media.ts reads the rows instead`);
	for (const table of facts.mediaMissing)
		out(`an inventory of ${table}`, 'BACKUP_MEDIA names it, and the database has no such table or columns');
	out('environment variables, keys and tokens', 'in the settings of the Vercel project, or wherever they are kept');
	if (object.recipients.length > 0)
		out('the age identity that opens this backup', 'with whoever made the key; never where the function runs');
	out(
		'users and sessions at an auth provider, other databases, caches and queues',
		'at their own services, with backups of their own',
	);
	for (const { what, where } of facts.elsewhere) out(what, where);
	if (facts.copies.length > 0) inBackup.push(`once copied, all of this in ${facts.copies.join(', ')} too`);
	return { inBackup, notInBackup };
}

function tablesOf({ tables }: NonNullable<Manifest['mediaAssetInventory']>): string {
	return tables.map(({ table, rows }) => `${table} (${rows})`).join(', ');
}
