import type { RestoreJobResult } from '../jobs/restore';

type KeyVerdicts = RestoreJobResult['keys'];

const STATES: Readonly<Record<KeyVerdicts[number]['state'], readonly [mark: string, text: (name: string) => string]>> =
	{
		same: ['ok     ', (name) => `${name}: the one that this backup was made under`],
		another: ['ANOTHER', (name) => `${name}: this backup was made under another ${name}`],
		'unset-here': ['unset  ', (name) => `${name}: not set here; the data depends on it`],
		'unset-then': ['unset  ', (name) => `${name}: was not set where this backup was made`],
		unknown: ['unknown', (name) => `${name}: its fingerprint is of a kind that this version does not know`],
	};

/** How the keys of a backup are beside those that are set here; nothing if it keeps none. */
export function showKeys(keys: KeyVerdicts): string[] {
	if (keys.length === 0) return [];
	return ['', 'keys', ...keys.map(({ name, state }) => `  ${STATES[state][0]}  ${STATES[state][1](name)}`)];
}

/** Warns of keys under which the data cannot be read. */
export function warnOfKeys(keys: KeyVerdicts, say: (text: string) => void): void {
	for (const { name, state } of keys) {
		if (state === 'another')
			say(
				`WARNING: this backup was made under another ${name}: what was encrypted under it cannot be read with the one set here. Set the old ${name} before the restored database is used.`,
			);
		if (state === 'unset-here') say(`warning: ${name} is not set here, and the data of this backup depends on it`);
	}
}

/** Warns of variables that a fingerprint was to be kept of, and that are not set. */
export function warnOfUnset(names: readonly string[], say: (text: string) => void): void {
	for (const name of names)
		say(`warning: ${name} is named by BACKUP_KEY_FINGERPRINTS, and is not set here: no fingerprint of it was kept`);
}

/** What is in a backup and what is not; nothing where no manifest tells. */
export function showCoverage(coverage: RestoreJobResult['coverage']): string[] {
	if (coverage === null) return [];
	return [
		'',
		'in this backup',
		...coverage.inBackup.map((what) => `  ${what}`),
		'not in it',
		...coverage.notInBackup.map(({ what, where }) => `  ${what}: ${where}`),
	];
}
