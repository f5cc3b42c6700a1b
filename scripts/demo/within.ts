/** Waits for `work`, but no longer than `limitMs`, and not past the abort of `signal`; `work` itself goes on. */
export function within<T>(work: Promise<T>, limitMs: number, what: string, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const settle = (act: () => void) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', abort);
			act();
		};
		const abort = () => settle(() => reject(signal.reason));
		const timer = setTimeout(
			() => settle(() => reject(new Error(`${what} took longer than ${limitMs / 1000} s`))),
			limitMs,
		);
		signal.addEventListener('abort', abort);
		if (signal.aborted) abort();
		work.then(
			(value) => settle(() => resolve(value)),
			(error) => settle(() => reject(error)),
		);
	});
}
