// STUB, until the facts helper's file of this name is merged.
import type { EnvironmentSource } from '../config/environment';
import type { PageView } from '../status/view';

export async function readStatus(_env: EnvironmentSource): Promise<PageView> {
	const verdict = {
		standing: 'unknown',
		word: 'Not set up',
		sentence: 'A stub.',
		since: null,
		action: null,
		runbook: null,
		also: [],
	} as const;
	return { kind: 'misconfigured', verdict, problems: [], configuration: [] };
}
