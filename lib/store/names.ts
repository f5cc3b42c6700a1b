import { LifeboatError } from '../core/errors';

/** The longest name that every store takes, in characters: Vercel Blob's limit, the tightest of them. */
const LONGEST_NAME = 950;
/** The longest segment, in characters: what common file systems take. */
const LONGEST_SEGMENT = 255;

const SEGMENT = /^[A-Za-z0-9._-]+$/;
const PARTIAL_SEGMENT = /^[A-Za-z0-9._-]*$/;

/** Claims that `name` is one that a store may hold: segments of `[A-Za-z0-9._-]` joined by `/`, none `.` or `..`. */
export function isObjectName(name: string): boolean {
	return name.length <= LONGEST_NAME && name.split('/').every(isSegment);
}

/** Throws `USAGE_INVALID` unless `name` is an object name. */
export function checkName(name: string): void {
	if (isObjectName(name)) return;
	throw new LifeboatError('USAGE_INVALID', `not a name that a store can hold: ${JSON.stringify(name)}`, {
		hint: 'use segments of letters, digits, dot, underscore and hyphen, joined by /, and none that is . or ..',
	});
}

/** Throws `USAGE_INVALID` unless some object name may start with `prefix`. The empty prefix fits every name. */
export function checkPrefix(prefix: string): void {
	const segments = prefix.split('/');
	const partial = segments.pop() ?? '';
	const fits = segments.every(isSegment) && PARTIAL_SEGMENT.test(partial) && partial.length <= LONGEST_SEGMENT;
	if (fits && prefix.length <= LONGEST_NAME) return;
	throw new LifeboatError('USAGE_INVALID', `no name in a store can start with ${JSON.stringify(prefix)}`, {
		hint: 'use segments of letters, digits, dot, underscore and hyphen, joined by /, and none that is . or ..',
	});
}

function isSegment(segment: string): boolean {
	return segment.length <= LONGEST_SEGMENT && SEGMENT.test(segment) && segment !== '.' && segment !== '..';
}
