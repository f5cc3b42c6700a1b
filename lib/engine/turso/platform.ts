import { z } from 'zod';
import { hasCode, LifeboatError } from '../../core/errors';
import { Secret } from '../../core/secret';
import { callPlatform, notOfApi, type PlatformAccess } from './call';

/** A database as Turso's Platform API tells of it. */
export interface PlatformDatabase {
	readonly id: string;
	/** Unique within the organization. */
	readonly name: string;
	/** Host, and port if it is not that of https. */
	readonly hostname: string;
	/** Null where that is not told: the answer to its making. */
	readonly group: string | null;
	/** The id of the database that it was branched from; null: of none, or not told. */
	readonly parentId: string | null;
	readonly isProtected: boolean;
}

export interface NewDatabase {
	readonly name: string;
	readonly group: string | null;
	/** The name of the database that it is made from. */
	readonly from: string;
	/** As it was at that moment; null: as it is. */
	readonly at: Date | null;
}

/**
 * Turso's side by which databases are made, and not read. Throws `LifeboatError` of the codes `DATABASE_*`, or the signal's
 * reason once it aborts; no call waits for more than a minute, or is tried more than four times.
 */
export interface TursoPlatform {
	/** Every database of the organization. */
	list(signal?: AbortSignal): Promise<PlatformDatabase[]>;
	/** Null if there is none of that name. */
	get(name: string, signal?: AbortSignal): Promise<PlatformDatabase | null>;
	/**
	 * Makes a database from another: a new one, always. It need not answer yet.
	 *
	 * @throws LifeboatError `DATABASE_EXISTS`; after `DATABASE_UNREACHABLE` it may be there all the same
	 */
	create(wanted: NewDatabase, signal?: AbortSignal): Promise<PlatformDatabase>;
	/** Makes a token that reads the database of that name, and nothing else, for a day. */
	createReadToken(name: string, signal?: AbortSignal): Promise<Secret>;
	/** Deletes a database for good; nothing happens if there is none. */
	delete(name: string, signal?: AbortSignal): Promise<void>;
}

const described = z.object({
	DbId: z.string().min(1),
	Name: z.string().min(1),
	Hostname: z.string().regex(/^[a-z0-9.-]+(:\d+)?$/i),
	group: z.string().nullish(),
	parent: z.object({ id: z.string() }).nullish(),
	delete_protection: z.boolean().nullish(),
});
const one = z.object({ database: described });
const many = z.object({ databases: z.array(described).nullish() });
const minted = z.object({ jwt: z.string().regex(/^[\x21-\x7e]{1,8192}$/) });

/** Opens the Platform API. Nothing is sent before its first use. */
export function openPlatform(access: PlatformAccess): TursoPlatform {
	const of = (name: string) => `databases/${encodeURIComponent(name)}`;
	return {
		async list(signal) {
			const doing = 'listing the databases';
			const answer = await callPlatform(access, {
				method: 'GET',
				path: 'databases',
				doing,
				isRepeatable: true,
				signal,
			});
			if (answer === null) throw noOrganization(doing);
			return (read(many, answer, doing).databases ?? []).map(databaseOf);
		},
		async get(name, signal) {
			const doing = `looking for the database ${name}`;
			const answer = await callPlatform(access, { method: 'GET', path: of(name), doing, isRepeatable: true, signal });
			return answer === null ? null : databaseOf(read(one, answer, doing).database);
		},
		async create({ name, group, from, at }, signal) {
			const doing = `making the database ${name}`;
			const seed = { type: 'database', name: from, ...(at && { timestamp: at.toISOString() }) };
			const body = { name, ...(group !== null && { group }), seed };
			const call = { method: 'POST', path: 'databases', body, doing, isRepeatable: false, signal } as const;
			const answer = await callPlatform(access, call).catch(tellItMayBeThere);
			if (answer === null) throw noOrganization(doing);
			return databaseOf(read(one, answer, doing).database);
		},
		async createReadToken(name, signal) {
			const doing = `making a token for ${name}`;
			const path = `${of(name)}/auth/tokens?expiration=1d&authorization=read-only`;
			const answer = await callPlatform(access, { method: 'POST', path, doing, isRepeatable: true, signal });
			return new Secret(read(minted, answer, doing).jwt);
		},
		async delete(name, signal) {
			const doing = `deleting the database ${name}`;
			await callPlatform(access, { method: 'DELETE', path: of(name), doing, isRepeatable: true, signal });
		},
	};
}

function noOrganization(doing: string): LifeboatError {
	return new LifeboatError('DATABASE_REFUSED', `${doing} failed: Turso's API knows no such organization`, {
		hint: 'set TURSO_ORGANIZATION to its slug',
	});
}

function tellItMayBeThere(error: unknown): never {
	if (!hasCode(error, 'DATABASE_UNREACHABLE') || error.data.status === 429) throw error;
	throw new LifeboatError(error.code, error.message, {
		hint: 'it may have been made all the same: look with turso db list before you try again',
		data: { ...error.data, mayBeDone: true },
		cause: error,
	});
}

function read<T>(schema: z.ZodType<T>, answer: unknown, doing: string): T {
	const parsed = schema.safeParse(answer);
	if (parsed.success) return parsed.data;
	throw notOfApi(doing);
}

function databaseOf(told: z.infer<typeof described>): PlatformDatabase {
	return {
		id: told.DbId,
		name: told.Name,
		hostname: told.Hostname.toLowerCase(),
		group: told.group ?? null,
		parentId: told.parent?.id ?? null,
		isProtected: told.delete_protection ?? false,
	};
}
