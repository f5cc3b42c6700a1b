import type { Shrink } from '../backup/shrink';
import type { LifeboatError } from '../core/errors';
import type { Problem, Recovery } from '../notify/plan';
import type { NightlyResult } from './nightly-types';

/** So many tables are named in an alert. */
const MOST_TABLES = 20;
/** Of the name of a table, so much is remembered. */
const LONGEST_ITEM = 200;

/** What a run that failed is told as. What an error that is not ours says stays in the log. */
export function problemOfFailure(error: LifeboatError): Problem {
	const { code, message, hint } = error;
	return {
		key: 'run',
		kind: error.class === 'damaged' ? 'proof-failed' : 'backup-failed',
		items: [code],
		code,
		what: code === 'INTERNAL' ? 'unexpected failure' : message,
		hint: code === 'INTERNAL' ? "look at the function's log" : (hint ?? null),
		backup: null,
	};
}

/** What is wrong, and what works, after a run that was done, or was not needed. */
export function sightingsOf(result: NightlyResult): { problems: Problem[]; recovered: Recovery[] } {
	if (result.status === 'dry-run') return { problems: [], recovered: [] };
	const backup = String(result.backup.id);
	const problems: Problem[] = [];
	const recovered: Recovery[] = [{ key: 'run', backup }];
	for (const { name, error } of result.copies ?? []) {
		const key = `copy:${name}`;
		if (error === null) {
			recovered.push({ key, backup });
			continue;
		}
		const { code, message } = error;
		const hint = 'the next run makes the copy good; until then this backup lies in fewer places';
		const what = `to ${name}: ${code === 'INTERNAL' ? 'unexpected failure' : message}`;
		problems.push({ key, kind: 'copy-failed', items: [code], code, what, hint, backup });
	}
	const { shrunk } = result.backup as { shrunk?: readonly Shrink[] };
	if (shrunk?.length) problems.push(problemOfShrinks(shrunk, backup));
	else if (shrunk) recovered.push({ key: 'shrunk', backup, isQuiet: true });
	return { problems, recovered };
}

function problemOfShrinks(shrunk: readonly Shrink[], backup: string): Problem {
	const lines = shrunk.slice(0, MOST_TABLES).map(lineOf);
	const rest = shrunk.length - lines.length;
	if (rest > 0) lines.push(`and ${rest} more`);
	return {
		key: 'shrunk',
		kind: 'backup-shrunk',
		items: shrunk.map(({ what, table }) => `${what}:${table ?? ''}`.slice(0, LONGEST_ITEM)),
		code: null,
		what: lines.join('\n'),
		hint: 'if it was not meant, restore from an earlier backup, and hold that one until it is done',
		backup,
		isEvent: true,
	};
}

function lineOf({ what, table, before, now }: Shrink): string {
	if (what === 'size') return `${now} bytes, of ${before} before`;
	const name = `table ${JSON.stringify(table)}`;
	if (what === 'table-gone') return `${name} is gone, of ${before} rows`;
	if (what === 'table-emptied') return `${name} is empty, of ${before} rows before`;
	return `${name} has ${now} rows, of ${before} before`;
}

/** A problem without the secrets that its words may hold. */
export function redacted(problem: Problem, redact: (text: string) => string): Problem {
	return { ...problem, what: redact(problem.what), hint: problem.hint && redact(problem.hint) };
}
