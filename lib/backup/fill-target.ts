import { LifeboatError, toLifeboatError } from '../core/errors';
import type { Refusal, RestoreMark, RestorePoint, Target } from '../engine/engine';
import type { DecodedEvent, RowsEvent } from '../format/decoder';
import { type Contents, gather, newContents } from './contents';
import type { Progress } from './encode-snapshot';
import { refusedFunctions, unsupportedError } from './refusals';
import type { Selection } from './selection';

export interface FillOptions {
	/** `create`: the target is empty. `adopt`: its tables are there, and only rows go in. */
	readonly mode: 'create' | 'adopt';
	/** What of the backup; else all of it. */
	readonly selection?: Selection;
	/** By which the target is known until the restore is proven; null: it is thrown away when it fails. */
	readonly mark: RestoreMark | null;
	/** Functions in the schema that are let through though they could act. */
	readonly allowFunctions?: ReadonlySet<string>;
	readonly onProgress?: (progress: Progress) => void;
}

/**
 * Writes a backup's events into a target, and finishes it. When it fails, the target is incomplete, but has its
 * triggers back; with an equal mark the next call goes on where this one stopped.
 *
 * @returns what the target refused
 * @throws LifeboatError `RESTORE_UNSUPPORTED`, `FUNCTIONS_REFUSED` before anything is written
 */
export async function fillTarget(
	events: AsyncIterable<DecodedEvent>,
	target: Target,
	options: FillOptions,
): Promise<{ contents: Contents; refusals: readonly Refusal[] }> {
	const contents = newContents();
	const skip = options.selection?.skip ?? new Set();
	let point: RestorePoint | null = null;
	let taken = true;
	/** Rows of the open table that are in the target already. */
	let done = 0;
	let rows = 0;
	let bytes = 0;
	try {
		for await (const event of events) {
			gather(contents, event);
			if (point === null && (event.kind === 'table' || event.kind === 'trailer'))
				point = await prepare(target, contents, options);
			if (event.kind === 'table' && point) {
				const isPassed = point.table !== null && point.table !== event.name;
				done = point.table === event.name ? point.rows : 0;
				if (!isPassed) point = { table: null, rows: 0 };
				taken = !skip.has(event.name) && (await target.open(event, isPassed ? 'all' : done));
			}
			if (event.kind !== 'rows') continue;
			const rest = withoutFirst(event, done);
			done -= event.rows - (rest?.rows ?? 0);
			if (taken && rest !== null) await target.insert(rest);
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

const NEWLINE = 10;

/** A run of rows without the first `count` of them; null if none is left. */
function withoutFirst(event: RowsEvent, count: number): RowsEvent | null {
	if (count === 0) return event;
	if (count >= event.rows) return null;
	let at = 0;
	for (let nth = 0; nth < count; nth++) at = event.bytes.indexOf(NEWLINE, at) + 1;
	return { ...event, bytes: event.bytes.subarray(at), rows: event.rows - count };
}

/** Puts the target's triggers back; if that fails too, both failures are told. */
async function putBack(target: Target, error: unknown): Promise<void> {
	try {
		await target.abandon();
	} catch (second) {
		const [first, then] = [toLifeboatError(error), toLifeboatError(second)];
		throw new LifeboatError(first.code, `${first.message}; then, ${then.message}`, {
			hint: 'the target is without its triggers until a restore with --resume puts them back',
			data: { ...first.data, second: then.code },
			cause: error,
		});
	}
}

async function prepare(target: Target, contents: Contents, options: FillOptions): Promise<RestorePoint> {
	if (!contents.header) throw new TypeError('a file without a header was decoded');
	const schema = options.selection?.schema ?? contents.schema;
	if (options.mode === 'adopt') return target.adopt(contents.schema, options.mark);
	const { unsupported, functions } = target.review('create', schema, []);
	if (unsupported.length > 0) throw unsupportedError(unsupported);
	const refused = refusedFunctions(functions, options.allowFunctions ?? new Set());
	if (refused) throw refused;
	return target.create(contents.header, schema, options.mark);
}
