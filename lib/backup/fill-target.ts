import { LifeboatError, toLifeboatError } from '../core/errors';
import type { Refusal, Target } from '../engine/engine';
import type { DecodedEvent } from '../format/decoder';
import type { Header, SchemaObject, TableClose, TableOpen } from '../format/records';
import type { Progress } from './encode-snapshot';

/** What a backup file declares, gathered from its events. */
export interface Contents {
	header: Header | null;
	readonly schema: SchemaObject[];
	readonly opened: TableOpen[];
	readonly tables: TableClose[];
}

export interface FillOptions {
	/** `create`: the target is empty. `adopt`: its tables are there, and only rows go in. */
	readonly mode: 'create' | 'adopt';
	/** Tables whose rows are passed over. */
	readonly skip?: ReadonlySet<string>;
	readonly onProgress?: (progress: Progress) => void;
}

export function newContents(): Contents {
	return { header: null, schema: [], opened: [], tables: [] };
}

/** Notes what `event` says of the file's contents, its rows aside. */
export function gather(contents: Contents, event: DecodedEvent): void {
	switch (event.kind) {
		case 'header':
			contents.header = event;
			break;
		case 'schema':
			contents.schema.push(event);
			break;
		case 'table':
			contents.opened.push(event);
			break;
		case 'end':
			contents.tables.push(event);
			break;
	}
}

/**
 * Writes a backup's events into a target, and finishes it. When it fails, the target is incomplete, but has its
 * triggers back.
 *
 * @returns what the target refused
 * @throws LifeboatError `RESTORE_UNSUPPORTED` before anything is written
 */
export async function fillTarget(
	events: AsyncIterable<DecodedEvent>,
	target: Target,
	options: FillOptions,
): Promise<{ contents: Contents; refusals: readonly Refusal[] }> {
	const contents = newContents();
	let prepared = false;
	let taken = true;
	let rows = 0;
	let bytes = 0;
	try {
		for await (const event of events) {
			gather(contents, event);
			if (!prepared && (event.kind === 'table' || event.kind === 'trailer')) {
				await prepare(target, contents, options.mode);
				prepared = true;
			}
			if (event.kind === 'table') taken = !options.skip?.has(event.name) && (await target.open(event));
			if (event.kind !== 'rows') continue;
			if (taken) await target.insert(event);
			rows += event.rows;
			bytes += event.bytes.length;
			options.onProgress?.({ rows, bytes });
		}
		return { contents, refusals: await target.finish() };
	} catch (error) {
		await putBack(target, error);
		throw error;
	}
}

/** Puts the target's triggers back; if that fails too, both failures are told. */
async function putBack(target: Target, error: unknown): Promise<void> {
	try {
		await target.abandon();
	} catch (second) {
		const [first, then] = [toLifeboatError(error), toLifeboatError(second)];
		throw new LifeboatError(first.code, `${first.message}; then, ${then.message}`, {
			hint: 'the target has lost its triggers: migrate it anew, or take a fresh database',
			data: { ...first.data, second: then.code },
			cause: error,
		});
	}
}

async function prepare(target: Target, contents: Contents, mode: FillOptions['mode']): Promise<void> {
	if (!contents.header) throw new TypeError('a file without a header was decoded');
	const unsupported = target.unsupported(contents.schema);
	if (unsupported.length > 0) throw unsupportedError(unsupported);
	if (mode === 'create') await target.create(contents.header, contents.schema);
	else await target.adopt();
}

export function unsupportedError(unsupported: readonly Refusal[]): LifeboatError {
	const shown = unsupported.slice(0, 10).map(({ object, reason }) => `${JSON.stringify(object)} (${reason})`);
	const more = unsupported.length > shown.length ? ` and ${unsupported.length - shown.length} more` : '';
	return new LifeboatError('RESTORE_UNSUPPORTED', `this version cannot restore ${shown.join(', ')}${more}`, {
		hint: 'nothing was written; restore with a newer version of Lifeboat, or from the rows in the file',
		data: { objects: unsupported.map(({ object }) => object) },
	});
}
