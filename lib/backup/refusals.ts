import { LifeboatError } from '../core/errors';
import type { Refusal, SchemaReview } from '../engine/engine';

const SHOWN = 10;

/** The refusal of a schema whose functions are not all allowed; null if they are. */
export function refusedFunctions(found: SchemaReview['functions'], allowed: ReadonlySet<string>): LifeboatError | null {
	const refused = found.flatMap(({ object, functions }) =>
		functions.filter((name) => !allowed.has(name)).map((name) => ({ object, name })),
	);
	if (refused.length === 0) return null;
	const shown = refused
		.slice(0, SHOWN)
		.map(({ object, name }) => `${JSON.stringify(object)} uses ${JSON.stringify(name)}`);
	const more = refused.length > shown.length ? `; and ${refused.length - shown.length} more` : '';
	const names = [...new Set(refused.map(({ name }) => name))];
	return new LifeboatError(
		'FUNCTIONS_REFUSED',
		`the backup's schema has what is not known to be harmless: ${shown.join('; ')}${more}`,
		{
			hint: `nothing was written; if you know that it is meant, --allow-functions ${names.slice(0, SHOWN).join(',')}`,
			data: {
				objects: [...new Set(refused.map(({ object }) => object))].slice(0, 100),
				functions: names.slice(0, 100),
			},
		},
	);
}

/** The refusal of what a target cannot take exactly; `unsupported` is not empty. */
export function unsupportedError(unsupported: readonly Refusal[]): LifeboatError {
	const shown = unsupported.slice(0, SHOWN).map(({ object, reason }) => `${JSON.stringify(object)} (${reason})`);
	const more = unsupported.length > shown.length ? ` and ${unsupported.length - shown.length} more` : '';
	return new LifeboatError('RESTORE_UNSUPPORTED', `the target cannot take ${shown.join(', ')}${more}`, {
		hint: 'nothing was written; leave the tables out by --skip-tables, or restore into a file: database',
		data: { objects: unsupported.map(({ object }) => object) },
	});
}
