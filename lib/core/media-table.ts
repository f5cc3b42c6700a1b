/** A table whose rows name Blob objects, and in which columns. At least one of `url` and `pathname` is there. */
export interface MediaTable {
	readonly table: string;
	readonly url: string | null;
	readonly pathname: string | null;
	/** Further columns for the inventory; `all`: every one. */
	readonly more: readonly string[] | 'all';
	/** It need not be there: nobody has named it. */
	readonly byDefault?: true;
}
