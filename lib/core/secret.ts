import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** A value that prints as `[redacted]` wherever it ends up: in a template, in JSON, in `console.log`. */
export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	/** The value itself: only to be handed to whoever authenticates with it. */
	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return REDACTED;
	}

	toJSON(): string {
		return REDACTED;
	}

	[inspect.custom](): string {
		return REDACTED;
	}
}
