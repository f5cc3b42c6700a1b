import { pathToFileURL } from 'node:url';
import type { Progress } from '../backup/encode-snapshot';
import { writeCsv } from '../backup/export/csv';
import { csvFileName } from '../backup/export/csv-file-name';
import { planInventory, writeJson } from '../backup/export/json';
import { type Counted, newCounted, readBackup } from '../backup/read-backup';
import { refusedFunctions } from '../backup/refusals';
import { EVERYTHING } from '../backup/selection';
import { checkStored, type Verified, verifyBackup } from '../backup/verify-backup';
import type { Config } from '../config/config';
import { LifeboatError } from '../core/errors';
import { inStep } from '../core/step';
import type { Refusal } from '../engine/engine';
import { functionsOf } from '../engine/libsql/review';
import { writeScript } from '../engine/libsql/script';
import { type ScriptSource, scriptNotes } from '../engine/libsql/script-notes';
import type { DecodedEvent } from '../format/decoder';
import { type FoundBackup, findBackup } from './backup-source';
import { type JobContext, systemContext } from './context';
import { findMisfits } from './export-misfits';
import { checkFree, writeOutput, writeOutputDatabase, writeOutputFolder } from './export-output';
import type { KeyOptions } from './keys';
import { restoreBackup } from './restore';
import type { LookOptions } from './stores';

export type ExportFormat = 'sql' | 'sqlite' | 'json' | 'csv';

export interface ExportOptions extends KeyOptions, LookOptions {
	readonly backup: string;
	readonly config: Config;
	readonly cwd: string;
	readonly format: ExportFormat;
	/** Absolute path of the file, or of the folder for `csv`; null: `write`, for `sql` and `json` only. */
	readonly out: string | null;
	/** Takes the export when there is no `out`. */
	readonly write: (text: string) => Promise<void>;
	/** Functions in the schema that are let through though they could act: `sql` and `sqlite` run it, or have it run. */
	readonly allowFunctions: ReadonlySet<string>;
	readonly onPart?: (part: 'reading' | 'exporting' | 'restoring' | 'comparing', total: Progress | null) => void;
	readonly onProgress?: (progress: Progress) => void;
}

export interface Exported {
	readonly backup: string;
	readonly where: string;
	readonly format: ExportFormat;
	readonly out: string | null;
	readonly rows: number;
	/** `file`: of `csv`, in the folder; else null. */
	readonly tables: readonly { readonly name: string; readonly rows: number; readonly file: string | null }[];
	/** What the export does not carry, or not everywhere. */
	readonly notes: readonly Refusal[];
	/** The key of the media inventory in a `json` document, if it has one. */
	readonly inventory: string | null;
}

/**
 * Exports a backup. It is verified whole before a byte is written, and what is written gets its name only when all of
 * it is there.
 *
 * @throws LifeboatError `OUTPUT_EXISTS`, `BACKUP_DAMAGED`; for `sql` `SCRIPT_REFUSED`, `FUNCTIONS_REFUSED`; for `sqlite` what a restore throws
 */
export async function exportBackup(options: ExportOptions, context: JobContext = systemContext): Promise<Exported> {
	const { out } = options;
	if (out !== null) await checkFree(out);
	const found = await findBackup(options.backup, options, context);
	try {
		options.onPart?.('reading', found.manifest && { rows: found.manifest.rows, bytes: found.manifest.plainBytes });
		const verified = await inStep('reading the backup', async () =>
			verifyBackup(await found.open(), found.manifest, options.onProgress, found.keys),
		);
		const written = await inStep('exporting', () => write(found, verified, options, context));
		return {
			backup: found.title,
			where: found.where,
			format: options.format,
			out,
			rows: verified.trailer.rows,
			tables: verified.contents.tables.map(({ name, rows }) => ({
				name,
				rows,
				file: options.format === 'csv' ? csvFileName(name) : null,
			})),
			...written,
		};
	} finally {
		await found.close();
	}
}

async function write(
	found: FoundBackup,
	verified: Verified,
	options: ExportOptions,
	context: JobContext,
): Promise<Pick<Exported, 'notes' | 'inventory'>> {
	const { format, out } = options;
	const omitted = omittedNotes(verified);
	if (format === 'sqlite') return { notes: [...omitted, ...(await restoreInto(options, context))], inventory: null };
	options.onPart?.('exporting', { rows: verified.trailer.rows, bytes: verified.counted.plainBytes });
	const events = () => eventsOf(found, verified.counted, options);
	if (format === 'csv') {
		await writeOutputFolder(out as string, writeCsv(events()));
		return { notes: omitted, inventory: null };
	}
	if (format === 'json') {
		const inventory = planInventory(verified.contents.tables.map(({ name }) => name));
		await emit(writeJson(events, inventory), options);
		return { notes: omitted, inventory: inventory?.key ?? null };
	}
	const source = await scriptSource(found, verified, options);
	const notes = [...omitted, ...scriptNotes(source)];
	await emit(writeScript(events(), source, notes), options);
	return { notes, inventory: null };
}

/** What a script is made from. Throws `FUNCTIONS_REFUSED` for a schema that whoever replays it should not run. */
async function scriptSource(
	found: FoundBackup,
	verified: Verified,
	{ config, allowFunctions, signal }: ExportOptions,
): Promise<ScriptSource> {
	const { header, schema } = verified.contents;
	if (header === null) throw new TypeError('a file without a header was verified');
	const refused = refusedFunctions(functionsOf(schema), allowFunctions);
	if (refused) throw refused;
	const misfits = await findMisfits(found, verified, { scratchDir: config.scratchDir, allowFunctions, signal });
	return { header, schema, misfits };
}

async function emit(texts: AsyncIterable<string>, { out, write: writeText }: ExportOptions): Promise<void> {
	if (out !== null) await writeOutput(out, texts);
	else for await (const text of texts) await writeText(text);
}

/** The backup's events, of the very file that was verified. */
async function* eventsOf(
	found: FoundBackup,
	verified: Counted,
	{ signal, onProgress }: ExportOptions,
): AsyncGenerator<DecodedEvent> {
	const counted = newCounted();
	let rows = 0;
	let bytes = 0;
	for await (const event of readBackup(await found.open(), counted, { keys: found.keys })) {
		signal?.throwIfAborted();
		yield event;
		if (event.kind !== 'rows') continue;
		rows += event.rows;
		bytes += event.bytes.length;
		onProgress?.({ rows, bytes });
	}
	checkStored({ bytes: verified.storedBytes, sha256: verified.storedSha256 }, counted);
}

/** A database file: restored, compared by digests, and only then given its name. */
async function restoreInto(options: ExportOptions, context: JobContext): Promise<readonly Refusal[]> {
	const onPart =
		options.onPart &&
		((part: 'reading' | 'restoring' | 'comparing', total: Progress | null) => options.onPart?.(part, total));
	const restoring = { ...options, ...context, parts: EVERYTHING, resume: false, confirm: true, onPart };
	return writeOutputDatabase(options.out as string, async (path) => {
		const to = pathToFileURL(path).href;
		const { prepared, restored } = await restoreBackup({ ...restoring, to }, context).catch((error) =>
			tellOfExport(error, options.out as string),
		);
		if (prepared.plan.refusal !== null) throw prepared.plan.refusal;
		return restored?.refusals ?? [];
	});
}

/** An export does not go on where it stopped; and what is full is the disk of the file, not a database. */
function tellOfExport(error: unknown, path: string): never {
	if (!(error instanceof LifeboatError)) throw error;
	const { canResume, ...data } = error.data;
	if (data.databaseCode === 'SQLITE_FULL')
		throw new LifeboatError('STORE_FULL', `there is no room left for ${path}`, {
			hint: 'make room on the disk, or choose another one for --out',
			data: { ...data, path },
			cause: error,
		});
	if (canResume !== true) throw error;
	throw new LifeboatError(error.code, error.message, { data, cause: error.cause });
}

function omittedNotes({ contents }: Verified): Refusal[] {
	return contents.tables
		.filter(({ omitted }) => omitted > 0)
		.map(({ name, omitted }) => ({ type: 'table', object: name, reason: `${omitted} rows are not in the backup` }));
}
