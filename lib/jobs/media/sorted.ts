import { mediaKey } from '../../backup/media/media-key';
import type { MediaRow } from '../../backup/media/media-rows';
import { sortLines } from '../../core/sort-lines';
import type { MediaBlob } from '../../store/media-store';
import type { OpenMedia } from './open';

/** What a row says of its Blob object. */
export type NamedBlob = MediaRow;

export interface Keyed<T> {
	readonly key: string;
	readonly item: T;
}

/** Items in the order of their keys, as often as they are asked for. */
export type Sorted<T> = () => AsyncIterable<Keyed<T>>;

/**
 * Sorts items by keys, however many there are, through files of `folder`. Equal items of one key come once.
 *
 * @param name of the files
 * @param items what JSON can hold
 */
export async function sortKeyed<T>(folder: string, name: string, items: AsyncIterable<Keyed<T>>): Promise<Sorted<T>> {
	const lines = async function* () {
		// No character of a JSON text sorts before a tab: lines are in order when their keys are.
		for await (const { key, item } of items) yield `${JSON.stringify(key)}\t${JSON.stringify(item)}`;
	};
	const sorted = await sortLines(folder, name, lines());
	return async function* () {
		for await (const line of sorted()) {
			const tab = line.indexOf('\t');
			yield { key: line.slice(0, tab), item: JSON.parse(line.slice(tab + 1)) as T };
		}
	};
}

/** The text of a key as {@link sortKeyed} hands it out. */
export function keyOf(key: string): string {
	return JSON.parse(key) as string;
}

/** How many rows there were, and how many of them name no Blob object. */
export interface RowCounts {
	rows: number;
	others: number;
}

/** Rows by the pathname of the blob that they name; those that name none are only counted. */
export async function* byPathname(rows: AsyncIterable<NamedBlob>, counts: RowCounts): AsyncGenerator<Keyed<NamedBlob>> {
	for await (const { table, url, pathname } of rows) {
		const key = mediaKey({ url, pathname });
		counts.rows += 1;
		if (key === null) counts.others += 1;
		else yield { key, item: { table, url, pathname } };
	}
}

/** A blob as it is sorted: its time in ms since the epoch. */
export type ListedBlob = Omit<MediaBlob, 'uploadedAt'> & { readonly uploadedAt: number };

/** Blobs by what `nameOf` makes of their pathname, those of Lifeboat left out. */
export async function* listBlobs(
	{ store, isOurs }: OpenMedia,
	nameOf: (pathname: string) => string,
	signal: AbortSignal | undefined,
): AsyncGenerator<Keyed<ListedBlob>> {
	for await (const { pathname, url, bytes, uploadedAt } of store.list({ signal }))
		if (!isOurs(pathname))
			yield { key: nameOf(pathname), item: { pathname, url, bytes, uploadedAt: uploadedAt.getTime() } };
}
