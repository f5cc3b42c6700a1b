import type { Page } from 'playwright-core';

/** Text smaller than this is hard to read, in CSS px as drawn. */
const LEAST_TEXT_PX = 11;

/**
 * What is wrong with how a page is laid out: wider than the window, text that is cut off, that lies on other text, or
 * that is too small. What is in a closed `<details>`, or for reading aloud only, is not looked at.
 */
export function layoutFaults(page: Page): Promise<string[]> {
	return page.evaluate((leastPx) => {
		interface Piece {
			readonly text: string;
			readonly owner: Element;
			readonly rect: DOMRect;
			readonly isCut: boolean;
		}
		const SLACK_PX = 1;
		const faults: string[] = [];
		const root = document.documentElement;
		const nameOf = (element: Element) => {
			const classes = [...element.classList].map((one) => `.${one}`).join('');
			return `${element.tagName.toLowerCase()}${element.id && `#${element.id}`}${classes}`;
		};

		/** How an element frames what is in it; null: it lets everything out. Asked of each once, as that is slow. */
		const frames = new Map<Element, { box: DOMRect; overflowX: string; overflowY: string } | null>();
		const frameOf = (element: Element) => {
			const known = frames.get(element);
			if (known !== undefined) return known;
			const { overflowX, overflowY } = getComputedStyle(element);
			const isInnerSvg = element instanceof SVGElement && element.ownerSVGElement !== null;
			const letsOut = isInnerSvg || (overflowX === 'visible' && overflowY === 'visible');
			const frame = letsOut ? null : { box: element.getBoundingClientRect(), overflowX, overflowY };
			frames.set(element, frame);
			return frame;
		};

		/** The part of a rectangle that its ancestors show; null: none. A box that scrolls shows the rest when asked. */
		const shownOf = (owner: Element, rect: DOMRect): { rect: DOMRect; cutBy: Element | null } | null => {
			let { left, top, right, bottom } = rect;
			let cutBy: Element | null = null;
			for (let at: Element | null = owner; at !== null && at !== root; at = at.parentElement) {
				const frame = frameOf(at);
				if (frame === null) continue;
				const { box, overflowX, overflowY } = frame;
				// What is there for reading aloud only: a box of a pixel.
				if (box.width <= 2 || box.height <= 2) return null;
				const cutsX = overflowX !== 'visible' && (left < box.left - SLACK_PX || right > box.right + SLACK_PX);
				const cutsY = overflowY !== 'visible' && (top < box.top - SLACK_PX || bottom > box.bottom + SLACK_PX);
				const scrolls = /auto|scroll/.test(cutsX ? overflowX : overflowY);
				if ((cutsX || cutsY) && !scrolls) cutBy ??= at;
				[left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
				[top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
				if (right - left <= SLACK_PX || bottom - top <= SLACK_PX) return cutBy && { rect: new DOMRect(), cutBy };
			}
			return { rect: new DOMRect(left, top, right - left, bottom - top), cutBy };
		};

		const isVisible = (element: Element) =>
			element.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true });

		const sizeOf = (owner: Element): number => {
			const px = Number.parseFloat(getComputedStyle(owner).fontSize);
			const matrix = owner instanceof SVGGraphicsElement ? owner.getScreenCTM() : null;
			return matrix === null ? px : px * Math.hypot(matrix.a, matrix.b);
		};

		const pieces: Piece[] = [];
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
			const owner = node.parentElement;
			const text = node.textContent?.trim().replace(/\s+/g, ' ') ?? '';
			if (owner === null || text === '' || owner.closest('script, style, title, desc, noscript') !== null) continue;
			if (!isVisible(owner)) continue;
			const range = document.createRange();
			range.selectNodeContents(node);
			let isTold = false;
			for (const rect of range.getClientRects()) {
				if (rect.width <= SLACK_PX || rect.height <= SLACK_PX) continue;
				const shown = shownOf(owner, rect);
				if (shown === null) continue;
				if (shown.cutBy !== null && !isTold) {
					faults.push(`"${text}" in ${nameOf(owner)} is cut off by ${nameOf(shown.cutBy)}`);
					isTold = true;
				}
				pieces.push({ text, owner, rect: shown.rect, isCut: shown.cutBy !== null });
				if (rect.left < -SLACK_PX || rect.right > root.clientWidth + SLACK_PX) {
					if (shown.rect.right > root.clientWidth + SLACK_PX || shown.rect.left < -SLACK_PX)
						faults.push(`"${text}" in ${nameOf(owner)} reaches out of the window`);
				}
			}
			const px = sizeOf(owner);
			if (px < leastPx - 0.05) faults.push(`"${text}" in ${nameOf(owner)} is ${px.toFixed(1)} px high`);
		}
		if (pieces.length === 0) faults.push('there is no text at all');
		if (root.scrollWidth > root.clientWidth)
			faults.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`);

		// By their tops, so that each is held against its neighbours only.
		pieces.sort((one, other) => one.rect.top - other.rect.top);
		pieces.forEach((one, at) => {
			for (let next = at + 1; next < pieces.length; next++) {
				const other = pieces[next] as Piece;
				if (other.rect.top >= one.rect.bottom) break;
				if (one.owner === other.owner) continue;
				const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
				const down = Math.min(one.rect.bottom, other.rect.bottom) - other.rect.top;
				// Lines that are set close share the room above their letters.
				const least = Math.min(one.rect.height, other.rect.height);
				if (across > SLACK_PX && down > least * 0.35) faults.push(`"${one.text}" and "${other.text}" overlap`);
			}
		});
		return faults;
	}, LEAST_TEXT_PX);
}
