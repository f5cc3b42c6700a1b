/** What a step has moved. */
export interface StepFacts {
	readonly bytes?: number;
	readonly rows?: number;
}

/** Tells what the step that is running has moved. */
export type NoteStep = (facts: StepFacts) => void;

/** Watches steps and second tries, wherever they are made. It changes nothing of them, and never throws of its own. */
export interface Observer {
	/** Runs `work`, and passes on what comes of it. */
	step<T>(name: string, work: (note: NoteStep) => Promise<T>): Promise<T>;
	/** Something is tried again, because of `error`. */
	retried(error: unknown): void;
}

const NOBODY: Observer = { step: (_, work) => work(() => {}), retried: () => {} };

let current = NOBODY;

/** Has all steps of this process watched from now on. */
export function observeWith(observer: Observer): void {
	current = observer;
}

/** Who watches; nobody, unless {@link observeWith} was called. */
export function observer(): Observer {
	return current;
}
