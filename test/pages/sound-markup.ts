import { describe, expect, it } from 'vitest';
import { attributesOf } from './markup';

/** Describes what has to hold of every page's markup. `forms` are the addresses that it may post to, in order. */
export function describeSound(name: string, show: () => string, forms: readonly string[]): void {
	describe(name, () => {
		const html = show();

		it('runs nothing, and has no style that the policy forbids', () => {
			expect(html).not.toMatch(/<(script|style|iframe|object|embed|base|meta|link)\b/);
			expect(html).not.toMatch(/<[^>]* (style|on\w+)=/);
			expect(html).not.toMatch(/(href|src|action)="(javascript|data):/i);
		});

		it('has no number that is none', () => {
			expect(html.match(/[^"<> ]*(NaN|undefined|Infinity|\[object)[^"<> ]*/)).toBeNull();
		});

		it('has ids that are unique, and refers to none that is not there', () => {
			const ids = attributesOf(html, 'id');
			expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
			const fragments = attributesOf(html, 'href')
				.filter((href) => href.startsWith('#'))
				.map((href) => href.slice(1));
			const references = ['aria-labelledby', 'aria-describedby', 'aria-details', 'for'].flatMap((attribute) =>
				attributesOf(html, attribute).flatMap((value) => value.split(' ')),
			);
			expect([...fragments, ...references].filter((id) => !ids.includes(id))).toEqual([]);
		});

		it('has one main heading, and skips no level', () => {
			const levels = [...html.matchAll(/<h(\d)\b/g)].map(([, level]) => Number(level));
			expect(levels.filter((level) => level === 1)).toHaveLength(1);
			expect(levels[0]).toBe(1);
			levels.forEach((level, index) => {
				if (index > 0) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
			});
		});

		it('has one main part, which the first link leads to, and regions with names of their own', () => {
			expect([...html.matchAll(/<main\b/g)]).toHaveLength(1);
			expect(/<a\b[^>]* href="([^"]*)"/.exec(html)?.[1]).toBe('#content');
			const labels = [...html.matchAll(/<(?:section|nav)\b[^>]*? aria-label="([^"]*)"/g)].map(
				([, label = '']) => label,
			);
			expect(labels.filter((label, index) => labels.indexOf(label) !== index)).toEqual([]);
		});

		it('has no form and no button but its own', () => {
			expect(attributesOf(html, 'action')).toEqual(forms);
			expect([...html.matchAll(/<button\b/g)]).toHaveLength(forms.length);
		});
	});
}
