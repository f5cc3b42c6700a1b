import type { LifeboatError } from '../core/errors';
import { printable } from '../core/printable';

/** What a command has to say at its end. */
export interface CommandResult {
	/** For `--json`; bigints become numbers, or strings past 2^53. */
	readonly data: unknown;
	/** For people; made only when it is shown. */
	readonly text: string | (() => string);
	/** Why the command would fail, or has failed, when there is a result to show all the same: sets the exit code. */
	readonly error?: LifeboatError;
}

/** Formats a result as it goes to stdout, with a line break at its end; empty text stays empty. */
export function formatResult(result: CommandResult, asJson: boolean): string {
	if (asJson) {
		const error = result.error && { error: describeError(result.error) };
		return toJson(error ? { ...(result.data as object), ...error } : result.data);
	}
	const text = printable(typeof result.text === 'string' ? result.text : result.text());
	return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Formats an error for stderr: what happened, then, on a line of its own, what to do. */
export function formatError(error: LifeboatError): string {
	const lines = [`error: ${printable(error.message, 'line')}`];
	if (error.hint !== undefined) lines.push(`hint: ${printable(error.hint, 'line')}`);
	return `${lines.join('\n')}\n`;
}

/** Formats an error for stdout under `--json`. */
export function formatErrorJson(error: LifeboatError): string {
	return toJson({ error: describeError(error) });
}

function describeError(error: LifeboatError) {
	return { code: error.code, message: error.message, hint: error.hint ?? null, data: error.data };
}

function toJson(value: unknown): string {
	const text = JSON.stringify(
		value ?? null,
		(_, part) => {
			if (typeof part !== 'bigint') return part;
			return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
		},
		2,
	);
	return `${text}\n`;
}
