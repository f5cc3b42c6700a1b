import { isDevelopment } from '../config/deployed';
import type { EnvironmentSource } from '../config/environment';
import { loadStatusPassword } from '../config/load';
import { redactSecrets } from '../config/redact';
import type { Secret } from '../core/secret';
import { createEventLog, describeForLog } from './event-log';

/** How the status page is shut. `closed`: there is none. `locked`: to all but who signs in. `open`: to nobody, in development. */
export type Door =
	| { readonly kind: 'closed' }
	| { readonly kind: 'open' }
	| { readonly kind: 'locked'; readonly password: Secret };

/** Looks at `STATUS_PASSWORD` alone. One that is unfit closes the page, of which the log tells. Never throws. */
export function doorOf(env: EnvironmentSource, writeLog: (line: string) => void = console.log): Door {
	try {
		const password = loadStatusPassword(env);
		if (password !== null) return { kind: 'locked', password };
		return isDevelopment(env) ? { kind: 'open' } : { kind: 'closed' };
	} catch (error) {
		const redact = (text: string) => redactSecrets(text, env);
		createEventLog({ write: writeLog, redact, now: Date.now })({
			event: 'status.failed',
			error: describeForLog(error),
		});
		return { kind: 'closed' };
	}
}
