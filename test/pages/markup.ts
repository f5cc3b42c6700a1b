import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

/** A page as the server sends it, without what Next adds. */
export function render(node: ReactNode): string {
	return renderToStaticMarkup(node);
}

/** The markup of the element that begins at `start`, up to its own end. */
function elementAt(html: string, start: number): string {
	const name = /^<([a-z]+\d?)/.exec(html.slice(start))?.[1];
	if (name === undefined) throw new Error(`no element begins at ${start}`);
	const tag = new RegExp(`<(/?)${name}\\b[^>]*?(/?)>`, 'g');
	tag.lastIndex = start;
	let depth = 0;
	for (let found = tag.exec(html); found !== null; found = tag.exec(html)) {
		if (found[1] === '/') depth--;
		else if (found[2] !== '/') depth++;
		if (depth === 0) return html.slice(start, tag.lastIndex);
	}
	throw new Error(`the ${name} at ${start} has no end`);
}

/** The markup of the element with an id; throws where there is none. */
export function byId(html: string, id: string): string {
	const found = new RegExp(`<[a-z]+\\d?(?: [^>]*)? id="${id}"|<[a-z]+\\d? id="${id}"`).exec(html);
	if (found === null) throw new Error(`there is no #${id}`);
	return elementAt(html, found.index);
}

/** The rows of a table's body, each as the markup of its cells. */
export function rowsOf(table: string): string[][] {
	const body = table.slice(table.indexOf('<tbody>'));
	return [...body.matchAll(/<tr\b[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
		[...row.matchAll(/<t[hd]\b[^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell),
	);
}

/** The numbers of a piece of markup, as machines read them. */
export function numbersOf(markup: string): number[] {
	return [...markup.matchAll(/<data value="([^"]*)"/g)].map(([, value]) => Number(value));
}

/** What is read of a piece of markup, in one line. */
export function textOf(markup: string): string {
	return markup
		.replace(/<(title|defs)\b.*?<\/\1>/gs, '')
		.replace(/<[^>]+>/g, '')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&quot;', '"')
		.replaceAll('&#x27;', "'")
		.replaceAll('&amp;', '&')
		.replace(/\s+/g, ' ')
		.trim();
}

/** The values of an attribute, in order. */
export function attributesOf(markup: string, name: string): string[] {
	return [...markup.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value);
}
