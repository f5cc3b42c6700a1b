import type { Locator } from 'playwright-core';

/** The text of a part of a page as it is shown: without what is folded away. */
export function shownText(part: Locator): Promise<string> {
	// biome-ignore lint/performance/useDomNodeTextContent: what is shown is the question
	return part.innerText();
}
