import type { ConfigWith } from '../config/config';
import type { AlertState } from '../notify/state';
import type { Summary } from './summary';

/** How old the newest of something is, and how old it may be. */
export interface AgeCheck {
	readonly status: 'ok' | 'failing';
	/** Null: there is none, or it could not be asked. */
	readonly id: string | null;
	readonly ageSeconds: number | null;
	readonly limitSeconds: number;
	/** With what asking failed. */
	readonly error: string | null;
}

/** How the backups of a database are. All plain JSON. */
export interface Health {
	readonly status: 'ok' | 'failing';
	readonly at: string;
	/** The newest proven backup that has all tables. */
	readonly backup: AgeCheck;
	/** The newest drill; null: there is no report of one, and none is asked for. `error`: why it was no pass. */
	readonly drill: AgeCheck | null;
	/** The newest backup of each copy. */
	readonly copies: readonly (AgeCheck & { readonly name: string })[];
	/** The nightly run that was killed, if it left no backup and none has been made since. */
	readonly killedRun: { readonly since: string; readonly until: string } | null;
	/** How the last alert to each channel went. */
	readonly alerts: AlertState['channels'];
	/** Of the newest proven backup. */
	readonly summary: Summary | null;
}

export interface HealthOptions {
	readonly config: ConfigWith<'store' | 'name'>;
	log(event: Readonly<Record<string, unknown>>): void;
}
