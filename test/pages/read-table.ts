import type { Locator } from 'playwright-core';

/** A cell of a table: what stands in it for people, and what for machines. */
export interface Cell {
	readonly text: string;
	/** Of each `<data>` in it, in order. */
	readonly numbers: readonly number[];
	/** Of each `<time>` in it, in order. */
	readonly times: readonly string[];
	/** Of each link in it, in order. */
	readonly links: readonly string[];
}

/** The rows of a table without its head, each by its columns' headings. */
export function readTable(table: Locator): Promise<Record<string, Cell>[]> {
	return table.evaluate((element) => {
		const headings = [...element.querySelectorAll('thead th')].map((heading) => heading.textContent?.trim() ?? '');
		return [...element.querySelectorAll('tbody tr')].map((row) =>
			Object.fromEntries(
				[...row.children].map((cell, at) => [
					headings[at] ?? String(at),
					{
						text: cell.textContent?.trim() ?? '',
						numbers: [...cell.querySelectorAll('data')].map(({ value }) => Number(value)),
						times: [...cell.querySelectorAll('time')].map(({ dateTime }) => dateTime),
						links: [...cell.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? ''),
					},
				]),
			),
		);
	});
}
