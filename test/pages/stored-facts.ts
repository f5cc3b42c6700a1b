import { basename } from 'node:path';
import { isBackupId } from '../../lib/backup/backup-id';
import { type DrillReport, decodeReport } from '../../lib/backup/drill-report';
import { decodeManifest, type Manifest } from '../../lib/backup/manifest';
import type { BlobServer } from '../support/blob-server';

/** The manifests that lie in a store, newest first. */
export async function manifestsIn(blob: BlobServer): Promise<Manifest[]> {
	const names = blob.objects.map(({ pathname }) => pathname).filter((name) => isBackupId(basename(name, '.json')));
	const all = await Promise.all(names.map(async (name) => decodeManifest(await blob.contentOf(name), name)));
	return all.sort((one, other) => (one.id < other.id ? 1 : -1));
}

/** The reports of drills that lie in a store, newest first. */
export async function drillsIn(blob: BlobServer): Promise<DrillReport[]> {
	const names = blob.objects.map(({ pathname }) => pathname).filter((name) => name.includes('/drill-'));
	const all = await Promise.all(names.map(async (name) => decodeReport(await blob.contentOf(name))));
	return all.flatMap((report) => report ?? []).sort((one, other) => (one.id < other.id ? 1 : -1));
}
