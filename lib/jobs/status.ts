import type { EnvironmentSource } from '../config/environment';
import { findProblems, loadConfig, loadRunbookUrl } from '../config/load';
import { redactSecrets } from '../config/redact';
import { shownSettings } from '../config/settings';
import { type LifeboatError, toLifeboatError } from '../core/errors';
import { misconfiguredView, unreachableView } from '../status/other-views';
import { linksTo } from '../status/runbook';
import { statusViewOf } from '../status/status-view';
import type { MisconfiguredView, PageView } from '../status/view';
import { type JobContext, systemContext } from './context';
import { readFacts } from './status-facts';

/** What the page cannot do without. */
const NEED = ['store', 'name'] as const;

/**
 * Reads how the backups stand, for a page. Never rejects: a configuration that is not fit, and a store that cannot be
 * asked, are views of their own. Takes 10 s at most for each store, all at once; writes nothing.
 */
export async function readStatus(env: EnvironmentSource, context: JobContext = systemContext): Promise<PageView> {
	const misconfigured = findMisconfigured(env);
	if (misconfigured !== null) return misconfigured;
	const config = loadConfig(env, { need: NEED });
	const shown = { configuration: shownSettings(env), runbookUrl: loadRunbookUrl(env) };
	try {
		return statusViewOf(await readFacts(config, shown, context));
	} catch (caught) {
		const error = toLifeboatError(caught);
		if (error.code === 'CONFIG_INVALID') return misconfiguredBy(error, env);
		return unreachableView({
			...shown,
			database: config.name,
			error,
			redact: (text) => redactSecrets(text, env),
			now: context.clock.now(),
			copies: config.copies.map(({ name }) => name),
			linkTo: linksTo(shown.runbookUrl),
		});
	}
}

/** The view of a configuration by which no store can be asked; null for one by which it can. */
export function findMisconfigured(env: EnvironmentSource): MisconfiguredView | null {
	const problems = findProblems(env, { need: NEED });
	if (problems.length === 0) return null;
	return misconfiguredView(problems, shownSettings(env), linksTo(loadRunbookUrl(env)));
}

/** The same, of what was found out when the store was opened. */
export function misconfiguredBy({ message, data }: LifeboatError, env: EnvironmentSource): MisconfiguredView {
	const variables = Array.isArray(data.variables) ? (data.variables as string[]) : ['BLOB_READ_WRITE_TOKEN'];
	const problems = variables.map((variable) => ({ variable, message: redactSecrets(message, env) }));
	return misconfiguredView(problems, shownSettings(env), linksTo(loadRunbookUrl(env)));
}
