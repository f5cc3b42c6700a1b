import type { LifeboatError } from '../core/errors';
import { causeOf } from './causes';
import type { LinkTo } from './runbook';
import type { MisconfiguredView, Setting, UnreachableView, Verdict } from './view';
import { capital } from './words';

/** The view of a configuration that is not fit. */
export function misconfiguredView(
	problems: MisconfiguredView['problems'],
	configuration: readonly Setting[],
	linkTo: LinkTo,
): MisconfiguredView {
	const names = [...new Set(problems.map(({ variable }) => variable))];
	const is = names.length === 1 ? 'is' : 'are';
	const verdict: Verdict = {
		standing: 'bad',
		word: 'Not set up',
		sentence: `${names.join(', ')} ${is} not as needed: backups can be neither made nor shown.`,
		since: null,
		action:
			'set what is named below in the settings of the project, or in .env.local, and deploy: docs/configuration.md',
		runbook: linkTo('backups-stopped'),
		also: [],
	};
	return { kind: 'misconfigured', verdict, problems, configuration };
}

export interface UnreachableFacts {
	readonly database: string;
	readonly error: LifeboatError;
	/** Takes secrets out of texts. */
	readonly redact: (text: string) => string;
	readonly now: Date;
	/** Names of the further stores. */
	readonly copies: readonly string[];
	readonly configuration: readonly Setting[];
	readonly linkTo: LinkTo;
}

/** The view of a store that could not be asked. What an error that is not ours says is for the log alone. */
export function unreachableView(facts: UnreachableFacts): UnreachableView {
	const { database, error, redact, now, copies, configuration, linkTo } = facts;
	const { code } = error;
	const isOurs = code !== 'INTERNAL';
	const { meaning, action } = causeOf(code);
	const from = copies.length === 0 ? '' : `; copies may have them: ${copies.join(', ')}`;
	const verdict: Verdict = {
		standing: 'bad',
		word: 'Unreachable',
		sentence: `${capital(isOurs ? meaning : 'the backups could not be looked at')} (${code}): whether you could recover cannot be told${from}.`,
		since: null,
		action,
		runbook: linkTo('providers-region-down'),
		also: [],
	};
	const message = isOurs ? redact(error.message) : 'unexpected failure';
	const hint = isOurs ? (error.hint === undefined ? null : redact(error.hint)) : "look at the function's log";
	return {
		kind: 'unreachable',
		database,
		verdict,
		error: { code, message, hint },
		readAt: now.toISOString(),
		configuration,
	};
}
