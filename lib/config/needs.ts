import type { DatabaseUrl } from '../core/database-url';
import type { Config, ConfigNeed } from './config';
import type { ConfigProblem } from './problem';
import type { VariableName } from './schema';

/** The variable to blame for a part that is missing, and what to say of it. */
const MISSING: Readonly<Record<ConfigNeed, readonly [VariableName, string]>> = {
	database: ['TURSO_DATABASE_URL', 'is not set'],
	restoreTarget: ['RESTORE_DATABASE_URL', 'is not set, nor is TURSO_DATABASE_URL'],
	cronSecret: ['CRON_SECRET', 'is not set'],
	store: ['BLOB_READ_WRITE_TOKEN', 'is not set, nor is BLOB_STORE_ID, and backups are to be kept in the Blob store'],
	blob: ['BLOB_READ_WRITE_TOKEN', 'is not set, nor is BLOB_STORE_ID'],
	name: ['BACKUP_NAME', 'is not set, and there is no database to take it from'],
};

/** Lists what is needed and not there; a part whose own variable is among the `known` problems is not listed twice. */
export function missingParts(
	config: Config,
	need: readonly ConfigNeed[],
	known: readonly ConfigProblem[],
): ConfigProblem[] {
	const blamed = new Set<ConfigProblem['variable']>(known.map(({ variable }) => variable));
	const problems: ConfigProblem[] = [];
	const blame = (variable: VariableName, message: string) => {
		if (!blamed.has(variable)) problems.push({ variable, message });
		blamed.add(variable);
	};
	for (const part of need) {
		const [variable, message] = MISSING[part];
		const isBlamed = part === 'name' || part === 'restoreTarget' ? blamed.has('TURSO_DATABASE_URL') : false;
		if (config[part] === null && !isBlamed) blame(variable, message);
	}
	const usesOf = (part: 'database' | 'restoreTarget') => (need.includes(part) ? config[part] : null);
	if (lacksToken(usesOf('database'))) blame('TURSO_AUTH_TOKEN', 'is not set, and Turso Cloud asks for one');
	if (lacksToken(usesOf('restoreTarget'))) blame('RESTORE_AUTH_TOKEN', 'is not set, and Turso Cloud asks for one');
	return problems;
}

function lacksToken(database: DatabaseUrl | null): boolean {
	return database?.kind === 'remote' && /\.turso\.io(:|$)/.test(database.host) && database.authToken === undefined;
}
