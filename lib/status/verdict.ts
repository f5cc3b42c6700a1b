import type { LinkTo } from './runbook';
import type { Trouble } from './troubles';
import type { Finding, Verdict } from './view';
import { ageWords, asSentence, capital, momentWords, spanWords } from './words';

/** The moment that a recovery leads to, and how long it takes. */
export interface Recovery {
	readonly to: Date;
	/** Null: no drill tells. */
	readonly durationMs: number | null;
}

export interface VerdictFacts {
	readonly now: Date;
	/** Null: there is no proven backup. */
	readonly recovery: Recovery | null;
	/** The worst first. */
	readonly troubles: readonly Trouble[];
	readonly nextRunAt: Date;
	readonly linkTo: LinkTo;
}

/** The one sentence, of the worst that is wrong and of what can be recovered all the same; and all else that is wrong. */
export function verdictOf({ now, recovery, troubles, nextRunAt, linkTo }: VerdictFacts): Verdict {
	const wrong = troubles.filter(({ isAdvice }) => !isAdvice);
	const top = wrong.find(({ standing }) => standing === 'bad') ?? wrong[0];
	const also = troubles.filter((trouble) => trouble !== top).map((trouble) => findingOf(trouble, linkTo));
	if (top !== undefined) {
		const { standing, clause, since, action, section } = top;
		const runbook = section && linkTo(section);
		return {
			standing,
			word: wordOf(top, recovery),
			sentence: both(top, clause, recovery, now),
			since,
			action,
			runbook,
			also,
		};
	}
	const nothingToDo = { since: null, action: null, runbook: null, also };
	if (recovery !== null) {
		const age = ageWords(now.getTime() - recovery.to.getTime());
		const sentence = `Last proven backup ${age} ago: you can recover ${recoveryWords(recovery, now)}.`;
		return { ...nothingToDo, standing: 'good', word: 'Recoverable', sentence };
	}
	const sentence = `There is no backup yet: the schedule makes the first one at ${momentWords(nextRunAt, now)}.`;
	const action = 'make it now: call the cron route, or npx tsx scripts/backup-turso.ts --write --upload';
	return { ...nothingToDo, standing: 'unknown', word: 'No backup yet', sentence, action };
}

function wordOf({ standing }: Trouble, recovery: Recovery | null): string {
	if (recovery === null) return 'Not recoverable';
	return standing === 'bad' ? 'Out of date' : 'At risk';
}

function both({ standing }: Trouble, clause: string, recovery: Recovery | null, now: Date): string {
	if (recovery === null) return `${capital(clause)}: there is nothing to recover from.`;
	const how = standing === 'bad' ? 'you can recover only' : 'you can still recover';
	return `${capital(clause)}: ${how} ${recoveryWords(recovery, now)}.`;
}

function recoveryWords({ to, durationMs }: Recovery, now: Date): string {
	const about = durationMs === null ? '' : `, in about ${spanWords(durationMs)}`;
	return `to ${momentWords(to, now)}${about}`;
}

function findingOf({ standing, clause, action, section }: Trouble, linkTo: LinkTo): Finding {
	return { standing, sentence: asSentence(clause), action, runbook: section && linkTo(section) };
}
