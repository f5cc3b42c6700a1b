import type { ZodType } from 'zod';
import { EXIT_CODES } from '../../lib/cli/exit';
import { copySchema } from '../../lib/config/copy-schema';
import { environmentSchema } from '../../lib/config/schema';
import { ERROR_CODES } from '../../lib/core/errors';

/** `docs/configuration.md`, from the schema of the environment. */
export function configurationPage(): string {
	const entriesOf = (shape: Record<string, ZodType>, start = '') =>
		Object.entries(shape).map(([variable, field]) => ({
			variable: start + variable,
			...(field.meta() as { description: string; fallback: string; secret?: true; platform?: true }),
		}));
	const rowOf = (entry: ReturnType<typeof entriesOf>[number]) => {
		const secret = entry.secret ? ' **Secret.**' : '';
		return `| \`${entry.variable}\` | ${entry.description}${secret} | ${entry.fallback} |`;
	};
	const entries = entriesOf(environmentSchema.shape);
	const rows = (platform: boolean) => entries.filter((entry) => (entry.platform === true) === platform).map(rowOf);
	return page([
		'# Configuration',
		'',
		'Made from `lib/config/schema.ts`; `npx vitest run test/config --update` writes it anew.',
		'',
		'Everything is set by environment variables. The scripts read `.env.local` and `.env` as Next does. Values are',
		'trimmed, and an empty one counts as unset. All that is wrong is reported at once, by name, never by value.',
		'',
		'| variable | what it is | when unset |',
		'|---|---|---|',
		...rows(false),
		'',
		'## Copies',
		'',
		'A copy that `BACKUP_COPIES` names is a folder, or a bucket of an S3 server. In its variables its name stands in',
		'capitals in place of `NAME`. What is wrong here fails that copy, and never the backup. See [copies.md](copies.md).',
		'',
		'| variable | what it is | when unset |',
		'|---|---|---|',
		'| `BACKUP_FOLDER_NAME` | The folder, for a copy that is one. It must be there: it is not made. | none |',
		...entriesOf(copySchema.shape, 'BACKUP_S3_NAME_').map(rowOf),
		'',
		'## Set by Vercel',
		'',
		'| variable | what it is | when unset |',
		'|---|---|---|',
		...rows(true),
		'',
		'A token is only ever shown to the host that it was set for: `TURSO_AUTH_TOKEN` to that of `TURSO_DATABASE_URL`,',
		'`RESTORE_AUTH_TOKEN` to that of `RESTORE_DATABASE_URL`, or, when that is unset, to whichever database a restore',
		'is told to write to.',
	]);
}

/** `docs/errors.md`, from the table of codes. */
export function errorsPage(): string {
	return page([
		'# Errors',
		'',
		'Made from `lib/core/errors.ts`; `npx vitest run test/core --update` writes it anew.',
		'',
		'With `--json` a script prints `{ "error": { "code", "message", "hint", "data" } }` to stdout, and the cron route',
		'answers `{ "error": { "code", "message", "hint" } }`. Codes stay; messages may change. The route has one code more,',
		'`UNAUTHORIZED`, with its 401.',
		'',
		'| code | meaning | class | exit |',
		'|---|---|---|---|',
		...Object.entries(ERROR_CODES).map(
			([code, [errorClass, meaning]]) => `| \`${code}\` | ${meaning} | ${errorClass} | ${EXIT_CODES[errorClass]} |`,
		),
	]);
}

function page(lines: readonly string[]): string {
	return `${lines.join('\n')}\n`;
}
