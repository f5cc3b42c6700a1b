import { sealData, unsealData } from 'iron-session';
import type { Secret } from '../core/secret';
import { statusKeysOf } from './status-keys';

/** How long a session lasts from the sign-in on, in ms, however much it is used. */
export const SESSION_MS = 12 * 3_600_000;
/** A seal is about 300 characters; to open a longer one would be work for whoever asks for it. */
const LONGEST_SEAL = 1024;

interface Session {
	/** In ms since the epoch. */
	readonly expiresAt: number;
}

/** What the cookie of a session that begins at `nowMs` holds: encrypted and signed by a key of the password. */
export async function sealSession(password: Secret, nowMs: number): Promise<string> {
	const { seal } = await statusKeysOf(password);
	const session: Session = { expiresAt: nowMs + SESSION_MS };
	return sealData(session, { password: seal, ttl: SESSION_MS / 1000 });
}

/** Claims that it is the seal of a session under this password which has not expired. Never throws for a seal of anyone's making. */
export async function isSession(sealed: string | null, password: Secret, nowMs: number): Promise<boolean> {
	if (sealed === null || sealed.length > LONGEST_SEAL) return false;
	const { seal } = await statusKeysOf(password);
	// Of what is no seal, some is told by nothing, and some by an error.
	const session = await unsealData<Partial<Session>>(sealed, { password: seal, ttl: SESSION_MS / 1000 }).catch(
		() => null,
	);
	// The seal's own expiry allows for clocks that differ by a minute.
	return typeof session?.expiresAt === 'number' && nowMs < session.expiresAt;
}
