import { createHash, randomBytes } from 'node:crypto';
import { closeSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../core/clock';
import { LifeboatError } from '../core/errors';
import { isMissing, isTaken } from './local-errors';

/** A lock is held for a few system calls; one older than this, in ms, was left by a process that died. */
const STALE_MS = 10_000;
const PAUSE_MS = 10;
/** Long enough to outlast a stale lock, in tries of `PAUSE_MS`. */
const TRIES = 1500;

/**
 * Runs `work` while no other process runs one for the same path. `work` is synchronous: it does not give way between
 * its check and its act, and the lock is held for no longer than they take.
 *
 * A lock file, since Node has no `flock`; and not a rename of the object itself, which for a moment would be missing.
 * Throws `STORE_UNREACHABLE` if the lock cannot be had for 15 s, or the signal's reason.
 */
export async function withLock<T>(
	path: string,
	clock: Clock,
	signal: AbortSignal | undefined,
	work: () => T,
): Promise<T> {
	const digest = createHash('sha256').update(basename(path)).digest('hex').slice(0, 32);
	const lock = join(dirname(path), `.lock~${digest}`);
	for (let nth = 1; nth <= TRIES; nth++) {
		signal?.throwIfAborted();
		if (take(lock)) {
			try {
				return work();
			} finally {
				rmSync(lock, { force: true });
			}
		}
		breakStale(lock, clock.now().getTime());
		await clock.sleep(PAUSE_MS, signal);
	}
	throw new LifeboatError('STORE_UNREACHABLE', 'an object of the store stayed locked', {
		hint: 'see whether another process is at work in the folder; a lock that was left goes stale by itself',
		data: { path, lock },
	});
}

function take(lock: string): boolean {
	try {
		closeSync(openSync(lock, 'wx', 0o600));
		return true;
	} catch (error) {
		if (isTaken(error)) return false;
		throw error;
	}
}

/**
 * Takes a stale lock away. Of several that find it stale one may have broken it and taken a new lock already: what was
 * taken away is therefore looked at again, and put back if it is fresh.
 */
function breakStale(lock: string, nowMs: number): void {
	const aside = `${lock}~${randomBytes(8).toString('hex')}`;
	try {
		if (!isStale(lock, nowMs)) return;
		renameSync(lock, aside);
		if (!isStale(aside, nowMs)) linkSync(aside, lock);
	} catch (error) {
		if (!isMissing(error) && !isTaken(error)) throw error;
	} finally {
		rmSync(aside, { force: true });
	}
}

function isStale(lock: string, nowMs: number): boolean {
	return nowMs - statSync(lock).mtimeMs >= STALE_MS;
}
