import { pathToFileURL } from 'node:url';

/** The `file:` URL of a database, as short as a person would write it. */
export function fileUrl(path: string): string {
	return pathToFileURL(path).href.replace(/^file:\/\/(?=\/[^/])/, 'file:');
}
