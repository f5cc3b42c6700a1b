/** Folds a name as SQLite does when it compares names: letters beyond ASCII have no case. */
export function foldCase(name: string): string {
	return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
