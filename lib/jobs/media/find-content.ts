import { mirrorName, splitVersion } from '../../backup/media/mirror-name';
import { isObjectName } from '../../store/names';
import type { StoredObject } from '../../store/store';
import type { OpenMirror } from './open';

/** The newest content that a mirror has of a blob; null if it has none. */
export async function findContent(
	{ reader, prefix }: OpenMirror,
	pathname: string,
	signal: AbortSignal | undefined,
): Promise<StoredObject | null> {
	const name = prefix + mirrorName(pathname);
	if (!isObjectName(name)) return null;
	let newest = await reader.head(name, { signal });
	// Later contents stand behind it, in order of their times.
	for await (const object of reader.list(`${name}_v`, { signal }))
		if (splitVersion(object.name).name === name) newest = object;
	return newest;
}
