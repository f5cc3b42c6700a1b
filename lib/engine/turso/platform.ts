import { createClient } from '@tursodatabase/api';
import { z } from 'zod';
import type { Clock, Random } from '../../core/clock';
import { hasCode, LifeboatError } from '../../core/errors';
import { Secret } from '../../core/secret';
import { callPlatform, notOfApi } from './call';

/** A database as Turso's Platform API tells of it. */
export interface PlatformDatabase {
	readonly id: string;
	/** Unique within the organization. */
	readonly name: string;
	/** Host, and port if it is not that of https. */
	readonly hostname: string;
	/** Null where that is not told: the answer to its making. */
	readonly group: string | null;
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

export interface PlatformAccess {
	/** The origin of the API. */
	readonly url: string;
	readonly organization: string;
	readonly token: Secret;
	readonly clock: Clock;
	readonly random: Random;
}

const described = z.object({
	id: z.string().min(1),
	name: z.string().min(1),
	hostname: z.string().regex(/^[a-z0-9.-]+(:\d+)?$/i),
	group: z.string().nullish(),
});
const minted = z.object({ jwt: z.string().regex(/^[\x21-\x7e]{1,8192}$/) });

/** Opens the Platform API, by Turso's own client of it. Nothing is sent before its first use. */
export function openPlatform({ url, organization, token, ...timing }: PlatformAccess): TursoPlatform {
	// What comes from elsewhere is part of a path there.
	const { databases } = createClient({
		baseUrl: `${url}/v1/`,
		org: encodeURIComponent(organization),
		token: async () => token.reveal(),
	});
	const of = encodeURIComponent;
	return {
		async list(signal) {
			const call = { doing: 'listing the databases', isRepeatable: true, signal };
			const answer = await callPlatform(timing, call, () => databases.list());
			if (answer === null) throw noOrganization(call.doing);
			return read(z.array(described), answer, call.doing).map(databaseOf);
		},
		async get(name, signal) {
			const call = { doing: `looking for the database ${name}`, isRepeatable: true, signal };
			const answer = await callPlatform(timing, call, () => databases.get(of(name)));
			return answer === null ? null : databaseOf(read(described, answer, call.doing));
		},
		async create({ name, group, from, at }, signal) {
			const call = { doing: `making the database ${name}`, isRepeatable: false, signal };
			const seed = { type: 'database', name: from, ...(at && { timestamp: at.toISOString() }) } as const;
			const answer = await callPlatform(timing, call, () =>
				databases.create(name, { ...(group !== null && { group }), seed }),
			).catch(tellItMayBeThere);
			if (answer === null) throw noOrganization(call.doing);
			return databaseOf(read(described, answer, call.doing));
		},
		async createReadToken(name, signal) {
			const call = { doing: `making a token for ${name}`, isRepeatable: true, signal };
			const answer = await callPlatform(timing, call, () =>
				databases.createToken(of(name), { expiration: '1d', authorization: 'read-only' }),
			);
			return new Secret(read(minted, answer, call.doing).jwt);
		},
		async delete(name, signal) {
			const call = { doing: `deleting the database ${name}`, isRepeatable: true, signal };
			await callPlatform(timing, call, () => databases.delete(of(name)));
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
		id: told.id,
		name: told.name,
		hostname: told.hostname.toLowerCase(),
		group: told.group ?? null,
	};
}
