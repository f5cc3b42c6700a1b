import { splitVersion, versionedName } from '../../backup/media/mirror-name';
import type { OpenMirror } from './open';
import type { Keyed } from './sorted';

/** A content that a mirror has of a blob. */
export interface Content {
	/** Which one; null: the first. */
	readonly version: string | null;
	readonly bytes: number;
	/** In ms since the epoch. */
	readonly modifiedAt: number;
}

/** All contents of a mirror, by the names of their blobs in it. */
export async function* listContents(
	{ reader, prefix }: OpenMirror,
	signal: AbortSignal | undefined,
): AsyncGenerator<Keyed<Content>> {
	for await (const object of reader.list(prefix, { signal })) {
		const { name, version } = splitVersion(object.name.slice(prefix.length));
		yield { key: name, item: { version, bytes: object.bytes, modifiedAt: object.modifiedAt.getTime() } };
	}
}

/** The last of a blob's contents; null if there is none. */
export function newestContent(contents: readonly Content[]): Content | null {
	const orNull = (one: Content | null, other: Content) =>
		one === null || (other.version ?? '') > (one.version ?? '') ? other : one;
	return contents.reduce(orNull, null);
}

/** The name of an object of a mirror: the content of the blob that is called `name` there. */
export function objectName({ prefix }: OpenMirror, name: string, { version }: Content): string {
	return prefix + versionedName(name, version);
}
