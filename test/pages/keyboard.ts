import type { Page } from 'playwright-core';

/** Something that has the focus. */
export interface Stop {
	/** Its place in the order of the document, of all elements. */
	readonly at: number;
	readonly name: string;
	/** An outline or a shadow shows that it has the focus. */
	readonly isMarked: boolean;
	/** It is in the window, as a whole or as far as it fits. */
	readonly isInView: boolean;
}

/** More stops than any page has. */
const MOST_STOPS = 2_000;

/** Presses Tab from the top of a page to its end, and tells where it stopped. */
export async function tabThrough(page: Page): Promise<Stop[]> {
	const stops: Stop[] = [];
	while (stops.length < MOST_STOPS) {
		await page.keyboard.press('Tab');
		const stop = await focused(page);
		// Past the last, the focus is the window's own.
		if (stop === null || stops[0]?.at === stop.at) return stops;
		stops.push(stop);
	}
	throw new Error(`more than ${MOST_STOPS} stops`);
}

/** What has the focus; null: nothing on the page. */
export function focused(page: Page): Promise<Stop | null> {
	return page.evaluate(() => {
		const element = document.activeElement;
		if (element === null || element === document.body) return null;
		const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
		const box = element.getBoundingClientRect();
		return {
			at: [...document.querySelectorAll('*')].indexOf(element),
			name: `${element.tagName.toLowerCase()} ${element.textContent?.trim().slice(0, 60)}`,
			isMarked: (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none',
			isInView: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth && box.width > 1,
		};
	});
}

/** What a keyboard has to reach on a page: links, buttons, fields, what opens, and what scrolls; in the document's order. */
export function toReach(page: Page): Promise<{ readonly at: number; readonly name: string }[]> {
	return page.evaluate(() => {
		const all = [...document.querySelectorAll('*')];
		return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, [tabindex="0"]')]
			.filter((element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
			.filter((element) => (element as HTMLElement).tabIndex >= 0)
			.map((element) => ({
				at: all.indexOf(element),
				name: `${element.tagName.toLowerCase()} ${element.textContent?.trim().slice(0, 60)}`,
			}));
	});
}
