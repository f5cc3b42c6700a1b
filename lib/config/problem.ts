import { LifeboatError } from '../core/errors';
import type { VariableName } from './schema';

/** A variable of a copy, which has the copy's name in its own. */
export type CopyVariable = `BACKUP_S3_${string}` | `BACKUP_FOLDER_${string}`;

/** What is wrong with one variable; `message` reads on after its name and holds no value. */
export interface ConfigProblem {
	readonly variable: VariableName | CopyVariable;
	readonly message: string;
}

/** One `CONFIG_INVALID` for all problems; `data.variables` has their names. */
export function configInvalid(problems: readonly ConfigProblem[]): LifeboatError {
	const list = problems.map(({ variable, message }) => `${variable} ${message}`);
	return new LifeboatError('CONFIG_INVALID', `the environment is not fit: ${list.join('; ')}`, {
		hint: 'set these variables in .env.local or in the settings of the Vercel project; see docs/configuration.md',
		data: { variables: [...new Set(problems.map(({ variable }) => variable))] },
	});
}
