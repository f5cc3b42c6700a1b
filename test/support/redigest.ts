import { createHash } from 'node:crypto';

const sha256 = (data: string) => createHash('sha256').update(data, 'latin1').digest('hex');

/**
 * A backup's plain bytes with counts and digests that fit what stands between them, wherever its lines still have
 * places for them: so that what is wrong with a changed file is not told by its digests alone.
 */
export function redigest(plain: Uint8Array): Buffer {
	const out: string[] = [];
	let controls = '';
	let rows = '';
	let counts = { tables: 0, rows: 0, omissions: 0 };
	for (const line of Buffer.from(plain)
		.toString('latin1')
		.split(/(?<=\n)/)) {
		const kind = /^\{"kind":"(\w+)"/.exec(line)?.[1];
		let written = line;
		if (kind === undefined) rows += line;
		if (kind === 'table') {
			rows = '';
			counts.omissions = 0;
		}
		if (kind === 'omitted') counts.omissions++;
		if (kind === 'end') {
			const found = rows.split('\n').length - 1;
			written = withFields(line, { rows: found, bytes: rows.length, sha256: sha256(rows) });
			if (counts.omissions < 100) written = withFields(written, { omitted: counts.omissions });
			counts = { tables: counts.tables + 1, rows: counts.rows + found, omissions: 0 };
		}
		if (kind === 'trailer')
			written = withFields(line, { tables: counts.tables, rows: counts.rows, sha256: sha256(controls) });
		if (kind !== undefined) controls += written;
		out.push(written);
	}
	return Buffer.from(out.join(''), 'latin1');
}

/** The line with other values in the fields that it has. */
function withFields(line: string, fields: Record<string, string | number>): string {
	return Object.entries(fields).reduce(
		(text, [name, value]) =>
			text.replace(new RegExp(`"${name}":("[^"]*"|-?[0-9.e+]+)`), `"${name}":${JSON.stringify(value)}`),
		line,
	);
}
