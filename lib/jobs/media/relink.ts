import { dirname } from 'node:path';
import { leadsTo } from '../../backup/media/media-key';
import type { FoundTable } from '../../backup/media/media-rows';
import { mirrorName } from '../../backup/media/mirror-name';
import type { Config } from '../../config/config';
import { eachAtOnce } from '../../core/at-once';
import { hasCode, LifeboatError } from '../../core/errors';
import { joinSorted } from '../../core/join-sorted';
import { inStep } from '../../core/step';
import { type JobContext, systemContext, withDatabase } from '../context';
import { openScratchFolder } from '../scratch';
import { databaseOf, sortDatabase } from './check';
import { type Content, listContents, newestContent, objectName } from './contents';
import { type OpenMedia, type OpenMirror, openMedia, openMirror } from './open';
import { type Keyed, keyOf, type ListedBlob, listBlobs, type NamedBlob, type RowCounts, sortKeyed } from './sorted';
import { type Relink, updateRows } from './update-rows';

export interface RelinkMediaOptions {
	readonly config: Config;
	readonly cwd: string;
	/** Where the files are: the name of a copy, or the path of a folder. */
	readonly mirror: string;
	/** The database's URL; undefined: the one of the configuration. */
	readonly to: string | undefined;
	/** Without it, nothing is written. */
	readonly confirm: boolean;
	readonly signal?: AbortSignal;
	/** Told of each blob, in order of their names in a mirror; with `confirm`, when it is done. */
	readonly onBlob: (blob: RelinkedBlob) => void | Promise<void>;
}

/** A blob that rows do not find, and what is done about it. */
export interface RelinkedBlob {
	/** `upload`: from the mirror. `relink`: it is there already, under another URL. `lost`: the mirror does not have it. */
	readonly action: 'upload' | 'relink' | 'lost';
	readonly pathname: string;
	/** Null: not known before it is uploaded, or lost. */
	readonly url: string | null;
}

export interface MediaRelinked extends RowCounts {
	readonly database: string;
	readonly where: string;
	readonly mirror: string;
	readonly uploaded: number;
	readonly relinked: number;
	readonly lost: number;
	/** URLs in rows that were, or would be, put in the place of others; of uploads, known only when they are done. */
	readonly updated: number;
	readonly isDone: boolean;
}

/** Blobs that are uploaded and then updated in the rows together. */
const PAGE = 200;
/** So many uploads at once, and so many bytes of them held. */
const AT_ONCE = { items: 4, weight: 32 * 1024 * 1024 };

/** A blob that some rows do not lead to. */
interface Unfound {
	readonly pathname: string;
	readonly rows: readonly NamedBlob[];
	/** Where it is; null: it is to be uploaded. */
	readonly url: string | null;
}

interface Work extends Unfound {
	/** The object to upload; null: it is there, or the mirror does not have it. */
	readonly content: { readonly name: string; readonly bytes: number } | null;
}

interface Run extends RelinkMediaOptions {
	readonly media: OpenMedia;
	readonly mirrored: OpenMirror;
	readonly totals: { uploaded: number; relinked: number; lost: number; updated: number };
	readonly update: (relinks: readonly Relink[]) => Promise<void>;
}

/**
 * Brings back what rows of a database name and the Blob store does not have: uploads it from a mirror under its pathname, and puts
 * the new URL and pathname into the rows. What is there already under another URL is only put into the rows, so that a run
 * that was stopped is finished by the next. Nothing is written over or deleted.
 */
export async function relinkMedia(
	options: RelinkMediaOptions,
	context: JobContext = systemContext,
): Promise<MediaRelinked> {
	const { config, cwd, confirm, signal } = options;
	const url = databaseOf(config, options.to, cwd);
	const media = await openMedia(config, context);
	const mirrored = await openMirror(options, 'read', context);
	const counts: RowCounts = { rows: 0, others: 0 };
	const totals = { uploaded: 0, relinked: 0, lost: 0, updated: 0 };
	const tables: FoundTable[] = [];
	try {
		const scratch = await openScratchFolder(config.scratchDir, 0);
		try {
			const folder = dirname(scratch.path);
			const { what, rows } = await sortDatabase(url, folder, counts, options, context, tables);
			const blobs = await inStep('listing the media store', () =>
				sortKeyed(
					folder,
					'blobs',
					listBlobs(media, (pathname) => pathname, signal),
				),
			);
			let isMirrorNeeded = false;
			const onMissing = () => {
				isMirrorNeeded = true;
			};
			const unfound = await sortKeyed(folder, 'unfound', findUnfound(rows(), blobs(), onMissing, signal));
			const contents = await inStep('listing the mirror', () =>
				sortKeyed(folder, 'contents', isMirrorNeeded ? listContents(mirrored, signal) : none()),
			);
			const relink = (update: Run['update']) =>
				relinkAll(joinSorted<Unfound, Content>(unfound(), contents()), {
					...options,
					media,
					mirrored,
					totals,
					update,
				});
			if (!confirm) await relink(async () => {});
			else
				await withDatabase(
					url,
					{ signal },
					(database) => relink((relinks) => updateRows(database, tables, relinks, { ...context, signal })),
					context,
				);
			const { label: where } = media.store;
			return { database: what, where, mirror: mirrored.where, ...counts, ...totals, isDone: confirm };
		} finally {
			await scratch.close();
		}
	} finally {
		await mirrored.close();
	}
}

async function* none(): AsyncGenerator<never> {}

/** The blobs that rows do not lead to, by their names in a mirror. */
async function* findUnfound(
	rows: AsyncIterable<Keyed<NamedBlob>>,
	blobs: AsyncIterable<Keyed<ListedBlob>>,
	onMissing: () => void,
	signal: AbortSignal | undefined,
): AsyncGenerator<Keyed<Unfound>> {
	for await (const { key, left, right } of joinSorted(rows, blobs)) {
		signal?.throwIfAborted();
		const blob = right[0];
		const others = blob === undefined ? left : left.filter(({ url }) => !leadsTo(url, blob.url));
		if (others.length === 0) continue;
		if (blob === undefined) onMissing();
		const pathname = keyOf(key);
		yield { key: mirrorName(pathname), item: { pathname, rows: others, url: blob?.url ?? null } };
	}
}

async function relinkAll(joined: ReturnType<typeof joinSorted<Unfound, Content>>, run: Run): Promise<void> {
	let page: Work[] = [];
	const finish = async () => {
		await relinkPage(page, run);
		page = [];
	};
	for await (const { key, left, right } of joined) {
		run.signal?.throwIfAborted();
		// A name in a mirror is that of one blob.
		const [unfound] = left;
		if (unfound === undefined) continue;
		const newest = unfound.url === null ? newestContent(right) : null;
		const content = newest && { name: objectName(run.mirrored, keyOf(key), newest), bytes: newest.bytes };
		page.push({ ...unfound, content });
		if (page.length === PAGE) await finish();
	}
	await finish();
}

/** Uploads first, then updates the rows: what is there has no row wrong for long, and no row names what is not there. */
async function relinkPage(page: readonly Work[], run: Run): Promise<void> {
	const { totals } = run;
	const done = new Map<Work, RelinkedBlob>();
	const bring = async (work: Work) => {
		const { pathname, url, content } = work;
		if (url !== null) done.set(work, { action: 'relink', pathname, url });
		else if (content === null) done.set(work, { action: 'lost', pathname, url });
		else
			done.set(work, {
				action: 'upload',
				pathname,
				url: run.confirm ? await upload(pathname, content.name, run) : null,
			});
	};
	try {
		await inStep('uploading', () => eachAtOnce(page, AT_ONCE, ({ content }) => content?.bytes ?? 0, bring));
	} finally {
		// What was uploaded before something failed is named by its rows.
		const relinks = page.flatMap((work) => relinksOf(work, done.get(work)?.url ?? null));
		if (run.confirm) await run.update(relinks);
		totals.updated += relinks.length;
	}
	for (const work of page) {
		const blob = done.get(work) as RelinkedBlob;
		totals[({ upload: 'uploaded', relink: 'relinked', lost: 'lost' } as const)[blob.action]] += 1;
		await run.onBlob(blob);
	}
}

/** What is to be put into rows so that they lead to a blob. A URL that does already, or is of no Blob store, stays. */
function relinksOf({ pathname, rows }: Unfound, url: string | null): Relink[] {
	return rows.flatMap(({ table, url: from }) =>
		url === null || from === null || leadsTo(from, url) ? [] : [{ table, from, url, pathname }],
	);
}

async function upload(pathname: string, name: string, { media, mirrored, signal }: Run): Promise<string> {
	const found = await mirrored.reader.get(name, { signal });
	if (found === null)
		throw new LifeboatError('STORE_CHANGED', `${name} is gone from the mirror`, {
			hint: 'see what else writes to the mirror, and try again',
		});
	const blob = await media.store.put(pathname, found.body, { signal }).catch((error) => {
		if (!hasCode(error, 'STORE_EXISTS')) throw error;
		throw new LifeboatError('STORE_CHANGED', `${JSON.stringify(pathname)} was uploaded by somebody else meanwhile`, {
			hint: 'run it again',
			cause: error,
		});
	});
	return blob.url;
}
