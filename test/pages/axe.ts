import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds on a page that is serious or critical, each rule with the elements that break it. */
export async function axeFaults(page: Page): Promise<string[]> {
	const isThere = await page.evaluate(() => 'axe' in window);
	// Not as a script of the page, which its Content-Security-Policy would forbid.
	if (!isThere) await page.evaluate(axe.source);
	const { violations, passes } = await page.evaluate(() =>
		(window as unknown as { axe: typeof axe }).axe.run(document, {
			resultTypes: ['violations'],
			runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
		}),
	);
	if (passes.length === 0) throw new Error('axe has looked at nothing');
	return violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, impact, nodes }) => {
			const where = nodes.slice(0, 5).map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`);
			return `${impact} ${id}: ${where.join('; ')}${nodes.length > 5 ? `; and ${nodes.length - 5} more` : ''}`;
		});
}
