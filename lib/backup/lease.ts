import { z } from 'zod';
import type { Clock, Random } from '../core/clock';
import { hasCode, LifeboatError } from '../core/errors';
import type { Store, StoredObject } from '../store/store';
import { leaseName, type Place } from './backup-id';
import { bodyOf, readSmall, type SmallObject } from './small-object';

const leaseSchema = z.object({
	holder: z.string(),
	acquiredAt: z.iso.datetime(),
	expiresAt: z.iso.datetime(),
	/** The nightly run that has it; none: it is another run's, or was given up. `until` then its process is ended. */
	nightly: z.object({ since: z.iso.datetime(), until: z.iso.datetime() }).optional(),
});
type LeaseContent = z.infer<typeof leaseSchema>;

const MAX_BYTES = 10_000;
const CONTENT_TYPE = 'application/json';

export interface LeaseOptions {
	readonly clock: Clock;
	readonly random: Random;
	/** How long it holds unless renewed or released, in ms: past the end of the process that takes it. */
	readonly ttlMs: number;
	/** Of a nightly run: when its process will be ended, in ms since the epoch. Were it killed, the lease would tell. */
	readonly nightlyUntil?: number;
	readonly signal?: AbortSignal;
}

/** The right to be the one run at work on a database. */
export interface Lease {
	/** Proves that it is still ours, and extends it. Throws `LEASE_HELD` if another has taken it over. */
	renew(): Promise<void>;
	/** Gives it up; nothing happens if another has it by now. */
	release(signal?: AbortSignal): Promise<void>;
}

/**
 * Takes the lease of a database: creates it, or takes over one that has expired. Of two callers at once, one gets it.
 * A release leaves the object behind, expired, as only a conditional write is safe against a successor.
 *
 * @throws LifeboatError `LEASE_HELD`, with `data.expiresAt`
 */
export async function takeLease(store: Store, place: Place, options: LeaseOptions): Promise<Lease> {
	const name = leaseName(place);
	const holder = Math.floor(options.random() * 2 ** 48)
		.toString(16)
		.padStart(12, '0');
	const { nightlyUntil } = options;
	const since = options.clock.now().toISOString();
	const nightly = nightlyUntil === undefined ? null : { since, until: new Date(nightlyUntil).toISOString() };
	const content = (expiresAt?: Date): Buffer => {
		const now = options.clock.now();
		const lease: LeaseContent = {
			holder,
			acquiredAt: now.toISOString(),
			expiresAt: (expiresAt ?? new Date(now.getTime() + options.ttlMs)).toISOString(),
			...(expiresAt === undefined && nightly && { nightly }),
		};
		return Buffer.from(JSON.stringify(lease));
	};
	const put = { contentType: CONTENT_TYPE, signal: options.signal };
	let held: StoredObject;
	try {
		held = await store.put(name, bodyOf(content()), put);
	} catch (error) {
		if (!hasCode(error, 'STORE_EXISTS')) throw error;
		held = await takeOver(store, name, content(), options);
	}
	return {
		async renew() {
			held = await replaceHeld(store, name, content(), held.etag, options.signal);
		},
		async release(signal) {
			try {
				// By anyone's clock: ours may be ahead of that of the next run.
				await store.replace(name, content(new Date(0)), held.etag, { contentType: CONTENT_TYPE, signal });
			} catch (error) {
				if (!hasCode(error, 'STORE_CHANGED')) throw error;
			}
		},
	};
}

/** A lease is stale when it has expired, and nobody has touched it for this long, in ms. */
const STALE_MS = 24 * 3_600_000;

/** What lies in the place of the lease, if no run has had it for a day; else null. A run would take it over. */
export async function findStaleLease(
	store: Store,
	place: Place,
	now: Date,
	signal?: AbortSignal,
): Promise<StoredObject | null> {
	const found = await readLease(store, leaseName(place), signal);
	if (found === null || now.getTime() - Math.max(found.modifiedAt.getTime(), expiryOf(found)) < STALE_MS) return null;
	return found;
}

/** A nightly run that has not given its lease up. */
export interface LostRun {
	readonly since: Date;
	/** When its process was ended at the latest. */
	readonly until: Date;
}

/** Claims that a lost run left its backup, or that one was made since. */
export function isMadeGood(
	lost: LostRun,
	backups: readonly { readonly createdAt: string; readonly day: string | null }[],
): boolean {
	const day = lost.since.toISOString().slice(0, 10);
	return backups.some((backup) => new Date(backup.createdAt) >= lost.since || backup.day === day);
}

/** The nightly run that has the lease and must have been ended since; null if there is none. */
export async function findLostRun(
	store: Store,
	place: Place,
	now: Date,
	signal?: AbortSignal,
): Promise<LostRun | null> {
	const found = await readLease(store, leaseName(place), signal);
	const lease = found && parse(found.content);
	if (!lease?.nightly || Date.parse(lease.nightly.until) > now.getTime()) return null;
	return { since: new Date(lease.nightly.since), until: new Date(lease.nightly.until) };
}

async function takeOver(
	store: Store,
	name: string,
	content: Buffer,
	{ clock, signal }: LeaseOptions,
): Promise<StoredObject> {
	const found = await readLease(store, name, signal);
	if (found === null) throw leaseHeld(name, null);
	const expiresAt = expiryOf(found);
	if (clock.now().getTime() < expiresAt) throw leaseHeld(name, new Date(expiresAt));
	return replaceHeld(store, name, content, found.etag, signal);
}

/** What lies in the place of the lease; without its content if it is too long to be one. */
async function readLease(store: Store, name: string, signal?: AbortSignal): Promise<SmallObject | null> {
	try {
		return await readSmall(store, name, MAX_BYTES, signal);
	} catch (error) {
		if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
		const there = await store.head(name, { signal });
		return there && { ...there, content: Buffer.alloc(0) };
	}
}

async function replaceHeld(
	store: Store,
	name: string,
	content: Buffer,
	etag: string,
	signal?: AbortSignal,
): Promise<StoredObject> {
	try {
		return await store.replace(name, content, etag, { contentType: CONTENT_TYPE, signal });
	} catch (error) {
		if (hasCode(error, 'STORE_CHANGED')) throw leaseHeld(name, null, error);
		throw error;
	}
}

/** When a lease expires, in ms since the epoch. */
function expiryOf({ content, modifiedAt }: SmallObject): number {
	const lease = parse(content);
	// What cannot be read is no lease of ours in force; an hour is longer than any run.
	return lease ? Date.parse(lease.expiresAt) : modifiedAt.getTime() + 3_600_000;
}

function parse(content: Buffer): LeaseContent | null {
	try {
		return leaseSchema.parse(JSON.parse(content.toString('utf8')));
	} catch {
		return null;
	}
}

/** `lost`: what told that the lease is no longer the one that we read or wrote. */
function leaseHeld(name: string, expiresAt: Date | null, lost?: LifeboatError): LifeboatError {
	const until = expiresAt === null ? '' : ` until ${expiresAt.toISOString()} at the latest`;
	const what = lost
		? `the lease went to another run, or was deleted: ${lost.message}`
		: `another run holds the lease${until}`;
	return new LifeboatError('LEASE_HELD', what, {
		hint: 'wait until it is done; a lease left by a run that died expires by itself',
		data: { lease: name, expiresAt: expiresAt?.toISOString() ?? null },
		cause: lost,
	});
}
