import { isDevelopment } from '../config/deployed';
import type { EnvironmentSource } from '../config/environment';
import { mustBeSecure, type RequestHeaders } from './own-origin';
import { sealIn } from './session-cookie';
import { doorOf } from './status-door';
import { isSession } from './status-session';

/** What a caller may see. `closed`: nothing, there is no page. `unsigned`: the sign-in. `signed`: all. `free`: all, without signing in. */
export type Access = 'closed' | 'unsigned' | 'signed' | 'free';

export interface AccessDeps {
	readonly env: EnvironmentSource;
	readonly headers: RequestHeaders;
	/** Takes one line of the log; stdout by default. */
	readonly writeLog?: (line: string) => void;
	/** Milliseconds since the epoch. */
	readonly now?: () => number;
}

/** Tells what whoever sent these headers may see. To be asked by every page for itself, before it looks at anything else. */
export async function accessOf({ env, headers, writeLog, now = Date.now }: AccessDeps): Promise<Access> {
	const door = doorOf(env, writeLog);
	if (door.kind === 'closed') return 'closed';
	if (door.kind === 'open') return 'free';
	const seal = sealIn(headers.get('cookie'), mustBeSecure(headers, isDevelopment(env)));
	return (await isSession(seal, door.password, now())) ? 'signed' : 'unsigned';
}
