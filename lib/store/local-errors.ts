import { type ErrorCode, LifeboatError } from '../core/errors';

const BY_SYSTEM_CODE: Readonly<Record<string, readonly [ErrorCode, string]>> = {
	ENOSPC: ['STORE_FULL', 'make room on the disk, or delete old backups'],
	EDQUOT: ['STORE_FULL', 'make room within the quota, or delete old backups'],
	EACCES: ['STORE_REFUSED', 'give this user the right to write to the folder'],
	EPERM: ['STORE_REFUSED', 'check the rights to the folder, and that its file system has hard links'],
	EROFS: ['STORE_REFUSED', 'the file system is read-only: choose another folder'],
	ENOTSUP: ['STORE_REFUSED', 'the file system has no hard links: choose a folder on another one'],
	ENOTDIR: ['STORE_REFUSED', 'a file is in the way of a folder of the same name'],
	EEXIST: ['STORE_REFUSED', 'a file is in the way of a folder of the same name'],
	EISDIR: ['STORE_REFUSED', 'a folder is in the way of a file of the same name'],
	ELOOP: ['STORE_REFUSED', 'the path has a circle of symbolic links'],
	ENAMETOOLONG: ['STORE_REFUSED', 'choose a shorter folder or name'],
};

/** Runs file system calls, and wraps what the system fails at. `doing` completes "could not ...". */
export async function asStore<T>(doing: string, path: string, calls: () => Promise<T> | T): Promise<T> {
	try {
		return await calls();
	} catch (error) {
		throw toLocalError(error, doing, path);
	}
}

/** Wraps a system error; other errors are returned as they are. */
export function toLocalError(error: unknown, doing: string, path: string): unknown {
	const code = systemCode(error);
	if (code === undefined) return error;
	const [ours, hint] = BY_SYSTEM_CODE[code] ?? ['STORE_UNREACHABLE', 'check the disk and the folder'];
	return new LifeboatError(ours, `could not ${doing} at ${path}: ${code}`, {
		hint,
		data: { path, systemCode: code },
		cause: error,
	});
}

/** Claims that nothing of that name is there: also if what should be its folder is a file. */
export function isMissing(error: unknown): boolean {
	return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}

/** Claims that there is no room left. */
export function isFull(error: unknown): boolean {
	return systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT';
}

/** Claims that the name was taken. */
export function isTaken(error: unknown): boolean {
	return systemCode(error) === 'EEXIST';
}

function systemCode(error: unknown): string | undefined {
	if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
	return typeof error.code === 'string' ? error.code : undefined;
}
