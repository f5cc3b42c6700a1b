import type { Random } from '../core/clock';

/** Where a database's backups lie in a store: `<prefix>/<name>/`. */
export interface Place {
	readonly prefix: string;
	readonly name: string;
}

const ID = /^backup-\d{8}T\d{6}Z-[0-9a-f]{4}$/;
export const DATA_SUFFIX = '.ndjson.gz';
/** What follows in the name of one that is sealed. */
export const SEALED_SUFFIX = '.age';
export const MANIFEST_SUFFIX = '.json';
export const HOLD_SUFFIX = '.hold.json';
export const MEDIA_SUFFIX = '.media.ndjson.gz';

/** A new id: the time to the second, so that names sort by it, and four random hex digits. */
export function newBackupId(now: Date, random: Random): string {
	return `backup-${newStamp(now, random)}`;
}

/** The same for a drill. Nothing that looks for backups takes it for one. */
export function newDrillId(now: Date, random: Random): string {
	return `drill-${newStamp(now, random)}`;
}

function newStamp(now: Date, random: Random): string {
	const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
	const suffix = Math.floor(random() * 0x10000)
		.toString(16)
		.padStart(4, '0');
	return `${time}-${suffix}`;
}

/** Claims that `text` has the form of an id. */
export function isBackupId(text: string): boolean {
	return ID.test(text);
}

/** The moment, to the second, that an id tells of. */
export function timeOfId(id: string): Date {
	const [, year, month, day, hour, minute, second] = /^backup-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(id) ?? [];
	return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** The folder of a database's backups, with a slash at its end. */
export function folderOf({ prefix, name }: Place): string {
	return prefix === '' ? `${name}/` : `${prefix}/${name}/`;
}

/** The name of a backup's file in its store. */
export function dataName(place: Place, id: string, isSealed: boolean): string {
	return `${folderOf(place)}${id}${DATA_SUFFIX}${isSealed ? SEALED_SUFFIX : ''}`;
}

/** The name of a backup's manifest: a backup is there when this is. */
export function manifestName(place: Place, id: string): string {
	return `${folderOf(place)}${id}${MANIFEST_SUFFIX}`;
}

/** The name of the object beside a manifest that keeps the backup from being removed. */
export function holdName(place: Place, id: string): string {
	return `${folderOf(place)}${id}${HOLD_SUFFIX}`;
}

/** The name of a drill's report. */
export function drillName(place: Place, id: string): string {
	return `${folderOf(place)}${id}.json`;
}

/** What the names of all drills' reports start with. */
export function drillPrefix(place: Place): string {
	return `${folderOf(place)}drill-`;
}

/** The name of a backup's media inventory, if it has one. */
export function mediaName(place: Place, id: string, isSealed: boolean): string {
	return `${folderOf(place)}${id}${MEDIA_SUFFIX}${isSealed ? SEALED_SUFFIX : ''}`;
}

/** What a backup is called in its store. */
export interface BackupNames {
	readonly data: string;
	readonly manifest: string;
	/** The media inventory, where there is one. */
	readonly media: string;
}

/** The names of a backup of this id at a place. */
export function namesAt(place: Place, isSealed: boolean): (id: string) => BackupNames {
	return (id) => ({
		data: dataName(place, id, isSealed),
		manifest: manifestName(place, id),
		media: mediaName(place, id, isSealed),
	});
}

/** The name of the object that only one run at a time holds. */
export function leaseName(place: Place): string {
	return `${folderOf(place)}lease.json`;
}

/** The name of the object in which is remembered whom was told of what. */
export function alertsName(place: Place): string {
	return `${folderOf(place)}alerts.json`;
}

/** The name of the object in which the nightly job sums up what there is: only an aid, see `history.ts`. */
export function historyName(place: Place): string {
	return `${folderOf(place)}history.json`;
}

/** The name of the object in which attempts to sign in to the status page are counted. */
export function signInName(place: Place): string {
	return `${folderOf(place)}sign-in.json`;
}

/** What the names of all backups begun on a day start with. `day` is `YYYY-MM-DD`, in UTC. */
export function dayPrefix(place: Place, day: string): string {
	return `${folderOf(place)}backup-${day.replaceAll('-', '')}T`;
}
