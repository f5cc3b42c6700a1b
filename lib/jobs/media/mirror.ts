import { dirname } from 'node:path';
import { mirrorName, stampOf, versionedName } from '../../backup/media/mirror-name';
import type { Config } from '../../config/config';
import { eachAtOnce } from '../../core/at-once';
import { LifeboatError, toLifeboatError } from '../../core/errors';
import { joinSorted } from '../../core/join-sorted';
import { inStep } from '../../core/step';
import { isObjectName } from '../../store/names';
import { type JobContext, systemContext } from '../context';
import { openScratchFolder } from '../scratch';
import { type Content, listContents, newestContent } from './contents';
import { type OpenMedia, type OpenMirror, openMedia, openMirror } from './open';
import { type ListedBlob, listBlobs, sortKeyed } from './sorted';

export interface MirrorMediaOptions {
	readonly config: Config;
	readonly cwd: string;
	/** The name of a copy, or the path of a folder. */
	readonly mirror: string;
	/** Without it, nothing is written. */
	readonly confirm: boolean;
	readonly signal?: AbortSignal;
	/** Told of each blob that the mirror lacks; with `confirm`, when it is there. */
	readonly onBlob: (blob: MirroredBlob) => void | Promise<void>;
}

/** A blob that the mirror lacks, or has another content of. */
export interface MirroredBlob {
	readonly pathname: string;
	readonly bytes: number;
	/** `failed`: it could not be mirrored, and the others go on. */
	readonly state: 'new' | 'changed' | 'failed';
	/** Why it failed. */
	readonly error: LifeboatError | null;
}

export interface MediaMirrored {
	readonly where: string;
	readonly mirror: string;
	/** Blobs in the media store. */
	readonly blobs: number;
	readonly added: number;
	readonly changed: number;
	readonly failed: number;
	readonly bytes: number;
	readonly isDone: boolean;
	readonly error: LifeboatError | null;
}

interface Work {
	readonly blob: ListedBlob;
	readonly state: 'new' | 'changed';
	readonly name: string;
}

const PAGE = 200;
const AT_ONCE = { items: 4, weight: 32 * 1024 * 1024 };

/**
 * Copies to a mirror what it lacks of the media store. A blob whose content has changed is put beside what the mirror has of it.
 * Nothing in a mirror is written over or deleted. Memory is bounded, however many there are.
 */
export async function mirrorMedia(
	options: MirrorMediaOptions,
	context: JobContext = systemContext,
): Promise<MediaMirrored> {
	const { config, signal, confirm } = options;
	const media = await openMedia(config, context);
	const mirror = await openMirror(options, 'write', context);
	const totals = { blobs: 0, added: 0, changed: 0, failed: 0, bytes: 0 };
	let failure: LifeboatError | null = null;
	try {
		const scratch = await openScratchFolder(config.scratchDir, 0);
		try {
			const folder = dirname(scratch.path);
			const contents = await inStep('listing the mirror', () =>
				sortKeyed(folder, 'contents', listContents(mirror, signal)),
			);
			const blobs = await inStep('listing the media store', () =>
				sortKeyed(folder, 'blobs', listBlobs(media, mirrorName, signal)),
			);
			let page: Work[] = [];
			const finish = async () => {
				for (const one of await mirrorPage(page, media, mirror, options)) {
					if (one.state === 'new') totals.added += 1;
					else totals[one.state] += 1;
					if (one.state !== 'failed') totals.bytes += one.bytes;
					failure ??= one.error;
					await options.onBlob(one);
				}
				page = [];
			};
			for await (const { key, left, right } of joinSorted<Content, ListedBlob>(contents(), blobs())) {
				signal?.throwIfAborted();
				const blob = right[0];
				if (blob === undefined) continue;
				totals.blobs += 1;
				const work = workOf(JSON.parse(key) as string, left, blob);
				if (work !== null) page.push(work);
				if (page.length === PAGE) await finish();
			}
			await finish();
			return { where: media.store.label, mirror: mirror.where, ...totals, isDone: confirm, error: failure };
		} finally {
			await scratch.close();
		}
	} finally {
		await mirror.close();
	}
}

/** Null: the newest content is there. */
function workOf(name: string, contents: readonly Content[], blob: ListedBlob): Work | null {
	const uploadedAt = new Date(blob.uploadedAt);
	const newest = newestContent(contents);
	if (newest === null) return { blob, state: 'new', name };
	const stamp = stampOf(uploadedAt);
	// Stores tell whole seconds of their own clock.
	const isLater = newest.modifiedAt >= Math.floor(blob.uploadedAt / 1000) * 1000;
	const isSame = newest.version === stamp || (newest.version === null && isLater && newest.bytes === blob.bytes);
	return isSame ? null : { blob, state: 'changed', name: versionedName(name, stamp) };
}

async function mirrorPage(
	page: readonly Work[],
	media: OpenMedia,
	mirror: OpenMirror,
	{ confirm, signal }: MirrorMediaOptions,
): Promise<MirroredBlob[]> {
	const done = new Map<Work, MirroredBlob>();
	const one = async (work: Work) => {
		const { pathname, bytes } = work.blob;
		try {
			if (!isObjectName(mirror.prefix + work.name)) throw nameTooLong(pathname);
			if (confirm) await mirrorOne(work, media, mirror, signal);
			done.set(work, { pathname, bytes, state: work.state, error: null });
		} catch (caught) {
			const error = toLifeboatError(caught);
			// What is wrong with one blob is not wrong with the next, unlike a store that does not answer.
			if (signal?.aborted || !['STORE_CHANGED', 'STORE_EXISTS', 'USAGE_INVALID'].includes(error.code)) throw error;
			done.set(work, { pathname, bytes, state: 'failed', error });
		}
	};
	await inStep('mirroring', () => eachAtOnce(page, AT_ONCE, ({ blob }) => blob.bytes, one));
	return page.map((work) => done.get(work) as MirroredBlob);
}

async function mirrorOne(
	{ blob, name }: Work,
	{ store }: OpenMedia,
	{ writer, prefix }: OpenMirror,
	signal: AbortSignal | undefined,
): Promise<void> {
	const { pathname } = blob;
	const found = await store.open({ ...blob, uploadedAt: new Date(blob.uploadedAt) }, { signal });
	if (found?.bytes !== blob.bytes) {
		await found?.body[Symbol.asyncIterator]().return?.();
		throw new LifeboatError('STORE_CHANGED', `${JSON.stringify(pathname)} is gone, or no longer what was listed`, {
			hint: 'the next run mirrors what is there then',
		});
	}
	await writer.put(prefix + name, found.body, { contentType: 'application/octet-stream', signal });
}

function nameTooLong(pathname: string): LifeboatError {
	return new LifeboatError('USAGE_INVALID', `${JSON.stringify(pathname)} is too long a name for a mirror`, {
		hint: 'keep it by other means',
	});
}
