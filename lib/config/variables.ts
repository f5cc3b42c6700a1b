import { z } from 'zod';

/** What `docs/configuration.md` says about a variable beside its description. */
interface VariableNotes {
	/** What is used when the variable is unset, in words. */
	readonly fallback: string;
	/** Never printed. */
	readonly secret?: true;
	/** Set by Vercel itself. */
	readonly platform?: true;
}

/** A segment of a name in a store. */
export const SAFE_SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
/** What an HTTP header takes as a token: anything else would fail late, and some clients print it when it does. */
const HEADER_SAFE = /^[\x21-\x7e]{1,8192}$/;
const UNFIT_FOR_HEADER = 'holds a space, a line break or another character that an HTTP header cannot carry';

/** A variable that may hold any text of 4,096 characters. */
export function text(description: string, notes: VariableNotes) {
	return z
		.string()
		.max(4096, 'is longer than 4096 characters')
		.refine((value) => !value.includes('\0'), 'holds a NUL')
		.optional()
		.meta({ description, ...notes });
}

/** A variable whose value is never printed. */
export function secret(description: string, notes: Omit<VariableNotes, 'secret'>) {
	return z
		.string()
		.regex(HEADER_SAFE, UNFIT_FOR_HEADER)
		.optional()
		.meta({ description, ...notes, secret: true });
}

/** A variable that holds one of `choices`. `fallback` null: none when unset. */
export function choice<const C extends readonly [string, ...string[]]>(
	choices: C,
	description: string,
	fallback: C[number] | null,
) {
	return z
		.enum(choices, { error: `is none of ${choices.join(', ')}` })
		.optional()
		.meta({ description, fallback: fallback === null ? 'none' : `\`${fallback}\`` });
}

/** A variable that holds the first part of names in a store. */
export function prefix(description: string, fallback: string) {
	return z
		.string()
		.refine((value) => value.length <= 300 && value.split('/').every((segment) => SAFE_SEGMENT.test(segment)), {
			error: 'is not made of segments in A-Z a-z 0-9 . _ - joined by /',
		})
		.optional()
		.meta({ description, fallback });
}

/** A secret that a caller of one of the routes must send. */
export function bearer(description: string, notes: Omit<VariableNotes, 'secret'>) {
	return z
		.string()
		.regex(HEADER_SAFE, UNFIT_FOR_HEADER)
		.min(16, 'is shorter than 16 characters')
		.max(512, 'is longer than 512 characters')
		.optional()
		.meta({ description, ...notes, secret: true });
}

/** An address that is itself a secret: whoever knows it can post to it. */
export function secretUrl(description: string, notes: Omit<VariableNotes, 'secret'>) {
	return z
		.string()
		.max(4096, 'is longer than 4096 characters')
		.refine(isPlainUrl, 'is not an http(s) URL without a user, a password and a fragment')
		.optional()
		.meta({ description, ...notes, secret: true });
}

/** Claims that `value` is an http(s) URL that `fetch` takes, without a user or a fragment. */
export function isPlainUrl(value: string): boolean {
	const url = URL.canParse(value) ? new URL(value) : null;
	if (url === null || !/^https?:$/.test(url.protocol)) return false;
	return url.username === '' && url.password === '' && url.hash === '';
}

/** A variable that holds a whole number from `least` to `most`. */
export function count(what: string, least: number, most: number, description: string, fallback: number) {
	const wrong = `is not a whole number of ${what} from ${least} to ${most}`;
	return z
		.string()
		.regex(/^[0-9]{1,6}$/, wrong)
		.transform(Number)
		.refine((value) => value >= least && value <= most, wrong)
		.optional()
		.meta({ description, fallback: `\`${fallback}\`` });
}
