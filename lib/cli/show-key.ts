import { formatCount } from '../core/quantities';
import type { MadeKey } from '../jobs/make-key';
import type { VerifyResult } from '../jobs/verify';

/** A key that was made, and what is to be done with it. */
export function showKey({ path, recipient }: MadeKey): string {
	return `identity   ${path}
recipient  ${recipient}

Where backups are made, set
  BACKUP_AGE_RECIPIENTS=${recipient}

Keep the identity where you would restore from, and a second copy in a password manager or on paper: without it
nobody can open the backups that are sealed to it. Never put it where the function runs.
When the next backup is there, keys.ts --check --identity ${path} proves that you can open it.`;
}

/** A backup that an identity has opened. */
export function showChecked({ backup, where, verified }: VerifyResult): string {
	return `opened   ${backup} (${where}): whole, ${formatCount(verified.trailer.rows)} rows`;
}
