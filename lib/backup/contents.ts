import type { DecodedEvent } from '../format/decoder';
import type { Header, SchemaObject, TableClose, TableOpen } from '../format/records';

/** What a backup file declares, gathered from its events. */
export interface Contents {
	header: Header | null;
	readonly schema: SchemaObject[];
	readonly opened: TableOpen[];
	readonly tables: TableClose[];
}

/** The contents of a file of which nothing has been read. */
export function newContents(): Contents {
	return { header: null, schema: [], opened: [], tables: [] };
}

/** Notes what `event` says of the file's contents, its rows aside. */
export function gather(contents: Contents, event: DecodedEvent): void {
	switch (event.kind) {
		case 'header':
			contents.header = event;
			break;
		case 'schema':
			contents.schema.push(event);
			break;
		case 'table':
			contents.opened.push(event);
			break;
		case 'end':
			contents.tables.push(event);
			break;
	}
}
