import { printable } from '../core/printable';
import { formatProgressLine, type ProgressState } from './progress-line';

/** Shows how far a long piece of work has come. Never fails it. */
export interface Progress {
	/** Begins a piece of work, and ends the one before; totals are left out where they are not known. */
	start(label: string, totalBytes?: number, totalRows?: number): void;
	/** How much of it is done since its start. */
	update(done: { readonly rows: number; readonly bytes: number }): void;
	/** A line that stays. */
	note(text: string): void;
	/** Ends the piece of work, if there is one, and leaves the terminal as it was. */
	stop(): void;
}

/** Where progress goes; `process.stderr` is one. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const silent: Progress = { start() {}, update() {}, note() {}, stop() {} };

/** A progress bar on a terminal, and silence anywhere else. */
export async function createProgress(stream: ProgressStream): Promise<Progress> {
	if (stream.isTTY !== true) return silent;
	const { SingleBar } = await import('cli-progress');
	return new TerminalProgress(stream, SingleBar);
}

type Bar = InstanceType<typeof import('cli-progress')['SingleBar']>;

class TerminalProgress implements Progress {
	readonly #stream: ProgressStream;
	readonly #newBar: () => Bar;
	#bar: Bar | null = null;
	#state: ProgressState | null = null;

	constructor(stream: ProgressStream, SingleBar: typeof import('cli-progress')['SingleBar']) {
		this.#stream = stream;
		this.#newBar = () =>
			new SingleBar({
				stream,
				fps: 5,
				clearOnComplete: true,
				// Its own signal handlers would end the run before ours have cleaned up.
				gracefulExit: false,
				format: () =>
					this.#state === null ? '' : formatProgressLine(this.#state, performance.now(), this.#stream.columns || 80),
			});
	}

	start(label: string, totalBytes?: number, totalRows?: number): void {
		this.stop();
		this.#state = { label, totalBytes, totalRows, rows: 0, bytes: 0, startedAtMs: performance.now() };
		this.#bar = this.#newBar();
		this.#bar.start(1, 0);
	}

	update(done: { readonly rows: number; readonly bytes: number }): void {
		if (this.#state !== null) this.#state = { ...this.#state, ...done };
	}

	note(text: string): void {
		this.#bar?.stop();
		this.#stream.write(`${printable(text, 'line')}\n`);
		if (this.#state === null) return;
		this.#bar = this.#newBar();
		this.#bar.start(1, 0);
	}

	stop(): void {
		this.#bar?.stop();
		this.#bar = null;
		this.#state = null;
	}
}
