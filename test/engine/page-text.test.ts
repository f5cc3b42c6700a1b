import { describe, expect, it } from 'vitest';
import { PageText } from '../../lib/engine/libsql/page-text';
import { clientStatement } from '../../lib/engine/libsql/statement';

/** Row lines of about `bytes` bytes, full of what has to be escaped. */
function rowLines(bytes: number, word: string): Buffer {
	const line = `${JSON.stringify([word, '"\\\n\u0000é🚀', 1, null])}\n`;
	return Buffer.from(line.repeat(Math.ceil(bytes / line.length)));
}

/** What the database gets for an argument. */
function argument(page: readonly Buffer[]): unknown {
	return (clientStatement({ sql: '', page }) as { args: unknown[] }).args[0];
}

const asArray = (...lines: Buffer[]) => `[${Buffer.concat(lines).toString().trimEnd().replaceAll('\n', ',')}]`;

describe('the text of a page', () => {
	it.each([1, 1000, 300_000, 600_000, 2_000_000])('of %i bytes is the array of its rows', (bytes) => {
		const text = new PageText();
		const [first, second] = [rowLines(bytes, 'a'), rowLines(bytes, '\\"')];
		expect(argument([...text.write(first), ...text.write(second)]) === asArray(first, second)).toBe(true);
	});

	it('is good until two turns later', () => {
		const text = new PageText();
		const lines = ['a', 'b', 'c', 'd'].map((word) => rowLines(700_000, word));
		let before: Buffer[] = [];
		for (const [nth, one] of lines.entries()) {
			const page = text.write(one);
			if (nth > 0) expect(argument(before) === asArray(lines[nth - 1] as Buffer)).toBe(true);
			text.turn();
			expect(argument(page) === asArray(one)).toBe(true);
			before = page;
		}
	});
});
