import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../app/_view/css/colours.css', import.meta.url), 'utf8');

/** The colours of a block of variables, by name. */
function coloursOf(block: string): Map<string, string> {
	return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]));
}

const LIGHT = coloursOf(css.slice(0, css.indexOf('@media')));
const DARK = coloursOf(
	css.slice(css.indexOf('@media (prefers-color-scheme: dark)'), css.indexOf('@media (forced-colors')),
);

/** The relative luminance of a colour, by WCAG 2. */
function luminanceOf(colour: string): number {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
		const part = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrastOf(one: string, other: string): number {
	const [light = 0, dark = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => b - a);
	return (light + 0.05) / (dark + 0.05);
}

const TONES = ['good', 'warning', 'bad', 'unknown'];
const DAYS = ['proven', 'read', 'unproven', 'failed', 'missed', 'pending'];

/** Letters, and what they stand on: 4.5 at the least. */
const LETTERS: readonly (readonly [string, string])[] = [
	...['page', 'wash', ...TONES.map((tone) => `${tone}-tint`)].map((ground) => ['text', ground] as const),
	...['page', 'wash', ...TONES.map((tone) => `${tone}-tint`)].map((ground) => ['link', ground] as const),
	...['page', 'wash', 'bad-tint', 'warning-tint'].map((ground) => ['muted', ground] as const),
	...TONES.map((tone) => [tone, `${tone}-tint`] as const),
	...TONES.map((tone) => [tone, 'page'] as const),
	// A finding of another standing within the verdict, or within a row that stands out.
	...TONES.flatMap((tone) => TONES.map((ground) => [tone, `${ground}-tint`] as const)),
	['page', 'link'],
];

/** Shapes, and what they stand on: 3 at the least. */
const SHAPES: readonly (readonly [string, string])[] = [
	...TONES.map((tone) => [`${tone}-shape`, `${tone}-tint`] as const),
	...TONES.map((tone) => [`${tone}-shape`, 'page'] as const),
	...TONES.map((tone) => ['sign', `${tone}-shape`] as const),
	...DAYS.map((day) => [`day-${day}`, 'page'] as const),
	['sign', 'day-failed'],
	['series-1', 'page'],
	['series-2', 'page'],
	['failed', 'page'],
	['edge', 'page'],
];

describe.each([
	['light', LIGHT],
	['dark', DARK],
])('the colours, %s', (_, colours) => {
	const colour = (name: string) => colours.get(name) ?? `no colour ${name}`;

	it('are the same names in both', () => {
		expect([...DARK.keys()]).toEqual([...LIGHT.keys()]);
		expect(LIGHT.size).toBeGreaterThan(25);
	});

	it('let letters be read', () => {
		const faint = LETTERS.filter(([front, ground]) => !(contrastOf(colour(front), colour(ground)) >= 4.5));
		expect(
			faint.map(([front, ground]) => `${front} on ${ground}: ${contrastOf(colour(front), colour(ground)).toFixed(2)}`),
		).toEqual([]);
	});

	it('let shapes be seen', () => {
		const faint = SHAPES.filter(([front, ground]) => !(contrastOf(colour(front), colour(ground)) >= 3));
		expect(
			faint.map(([front, ground]) => `${front} on ${ground}: ${contrastOf(colour(front), colour(ground)).toFixed(2)}`),
		).toEqual([]);
	});
});
