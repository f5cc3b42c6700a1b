/**
 * Where backups are kept. A store knows names and opaque bytes, nothing of what they mean.
 *
 * Names are relative paths of segments in `[A-Za-z0-9._-]`, joined by `/`, no segment `.` or `..`; anything else
 * throws `USAGE_INVALID` before anything is sent. All methods throw `LifeboatError`: `STORE_UNREACHABLE` after their own retries
 * are used up, `STORE_REFUSED` for credentials or a suspended store, `STORE_FULL`; and the signal's reason once it aborts.
 * All take a signal, none waits without a time limit of its own.
 */
export interface Store {
	/** What to call this store in messages: `vercel-blob`, the folder's path, or the bucket. No secret in it. */
	readonly label: string;

	/** Objects may be locked against deletion: `head` tells until when. */
	readonly mayLock?: true;

	/** New objects are locked for so many days. Whoever is not told of locks may count on that. */
	readonly lockDays?: number;

	/** `modifiedAt` is by a clock of the store's own, which can be held against that of this machine. */
	readonly hasClock?: true;

	/**
	 * Writes a new object from a stream.
	 *
	 * Create-only: throws `STORE_EXISTS` if the name is taken, and leaves what is there untouched. The object
	 * becomes visible whole, or not at all: after any failure or abort nothing is visible under `name`, save that a
	 * failure with `data.mayBeDone`, or an abort, may leave the whole object: the store's answer was lost. `body` is
	 * read once, with back-pressure, and at most 32 MB of it are held; it is closed (`return()`) on failure. If `body`
	 * throws, `put` throws that error. An empty body makes an empty object.
	 */
	put(name: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject>;

	/**
	 * Replaces a small object (held whole, up to 1 MB) if it is still the one with `etag`; else throws
	 * `STORE_CHANGED`, also when it is gone. Two callers with the same etag: at most one succeeds.
	 */
	replace(name: string, body: Uint8Array, etag: string, options: PutOptions): Promise<StoredObject>;

	/**
	 * Opens an object for reading; null if there is none of that name. Never a cached or stale answer. The stream
	 * fails with `STORE_UNREACHABLE` if it ends before `bytes` bytes came, or stalls. Whoever stops early closes it.
	 */
	get(name: string, options: { readonly signal?: AbortSignal }): Promise<OpenObject | null>;

	/** Size, time and etag without the content; null if there is none of that name. */
	head(name: string, options: { readonly signal?: AbortSignal }): Promise<StoredObject | null>;

	/**
	 * Every object whose name starts with `prefix`, in lexicographic order of names, page by page. A prefix may end
	 * within a segment. Objects written or deleted meanwhile may or may not be seen.
	 */
	list(prefix: string, options: { readonly signal?: AbortSignal }): AsyncIterable<StoredObject>;

	/** Deletes objects; names that are not there are no error. */
	delete(names: readonly string[], options: { readonly signal?: AbortSignal }): Promise<void>;

	/**
	 * Locks an object that is there as `put` locks a new one, unless it says that it is: for one whose writer
	 * was stopped before it could. Undefined where new objects are not locked.
	 */
	lock?(name: string, options: { readonly signal?: AbortSignal }): Promise<void>;

	/** Ends connections. No call may follow. */
	close(): Promise<void>;
}

export interface PutOptions {
	readonly contentType: string;
	readonly signal?: AbortSignal;
}

export interface StoredObject {
	readonly name: string;
	readonly bytes: number;
	readonly modifiedAt: Date;
	/** Opaque; changes whenever the content is replaced. */
	readonly etag: string;
	/** Object Lock keeps it from being deleted until then. Told by `head` and `get`, of a store that has it; never by `list`. */
	readonly lockedUntil?: Date;
}

export interface OpenObject extends StoredObject {
	readonly body: AsyncIterable<Uint8Array>;
}
