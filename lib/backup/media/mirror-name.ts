/** What a store takes in a name as it is, but for `/`. */
const PLAIN = /[A-Za-z0-9.-]/;
/** What stands behind the name of a later content of a blob. */
const VERSION = /_v(\d{8}T\d{9}Z)$/;

/**
 * The name of a blob in a mirror: its own, where that is one that every store takes; else the bytes of what is not as
 * `_xHH`, so that no two blobs have one name, and none that of another's later version.
 */
export function mirrorName(pathname: string): string {
	return pathname.split('/').map(segmentName).join('/');
}

function segmentName(segment: string): string {
	if (segment === '') return '_x';
	if (segment === '.' || segment === '..') return segment.replaceAll('.', '_x2E');
	let name = '';
	for (const [at, character] of [...segment.matchAll(/./gsu)].map((match) => [match.index, match[0]] as const)) {
		const isPlain =
			PLAIN.test(character) || (character === '_' && !/^_(x[0-9A-F]{2}|x$|v\d{8}T)/.test(segment.slice(at)));
		if (isPlain) name += character;
		else for (const byte of Buffer.from(character)) name += `_x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
	}
	return name;
}

/** The name of a content of a blob: its own, for the first; one that it was given later stands beside that. */
export function versionedName(name: string, version: string | null): string {
	return version === null ? name : `${name}_v${version}`;
}

/** Takes a name in a mirror apart: that of the blob, and which of its contents it is; null: the first. */
export function splitVersion(name: string): { readonly name: string; readonly version: string | null } {
	const found = VERSION.exec(name);
	return found === null ? { name, version: null } : { name: name.slice(0, found.index), version: found[1] as string };
}

/** A moment to the millisecond, in a form that sorts and that a name may have. */
export function stampOf(moment: Date): string {
	return moment.toISOString().replace(/[-:.]/g, '');
}
