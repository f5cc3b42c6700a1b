import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with a file system of its own, which is really full when it is full, and read-only also for root. */
export interface SmallFolder {
	readonly path: string;
	/** Lets nobody write there any more, or again. */
	setReadOnly(isReadOnly: boolean): void;
	/** Gives it more room, or less. */
	resize(bytes: number): void;
	close(): void;
}

/** Claims that this process may mount file systems, as root may in most containers; says so if it may not. */
export function canMount(): boolean {
	try {
		openSmallFolder(64 * 1024).close();
		return true;
	} catch (error) {
		const isForbidden = /permi|superuser|must be root/i.test(String((error as { stderr?: unknown }).stderr));
		// A right that a machine does not give cannot be installed; a program can.
		if (process.env.CI && !isForbidden) throw error;
		console.warn(`suites with a full disk are skipped: ${error}`);
		return false;
	}
}

/**
 * Mounts a memory file system of `bytes` bytes, a multiple of 4,096, for at most so many files and folders, itself
 * included. Throws where mounting is not allowed.
 */
export function openSmallFolder(bytes: number, mostFiles = 10_000): SmallFolder {
	const path = mkdtempSync(join(tmpdir(), 'lifeboat-small-'));
	try {
		mount('-t', 'tmpfs', '-o', `size=${bytes},nr_inodes=${mostFiles},mode=0700`, 'lifeboat-test', path);
	} catch (error) {
		rmSync(path, { recursive: true });
		throw error;
	}
	return {
		path,
		setReadOnly: (isReadOnly) => mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path),
		resize: (bytes) => mount('-o', `remount,size=${bytes},nr_inodes=10000`, path),
		close() {
			// Lazily: the native driver lets go of a file that it has closed only when its memory is swept.
			execFileSync('umount', ['-l', path], { stdio: 'pipe' });
			rmSync(path, { recursive: true });
		},
	};
}

function mount(...words: string[]): void {
	execFileSync('mount', words, { stdio: 'pipe' });
}
