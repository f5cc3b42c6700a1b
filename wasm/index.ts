export { CELLS, cellsSeen, checkRows, lineRows, longestLine, openRows, problem, problemAt } from './check';
export { addRows, openPage, PAGES, pageRows } from './encode';
export {
	bytes,
	CHAINS,
	FIELDS,
	hasLast,
	last,
	listChains,
	local,
	openLeaf,
	openTable,
	overflow,
	PAGE,
	passRow,
	RECORD,
	rewindLines,
	rowid,
	start,
	writeRecord,
	writeRows,
} from './leaf';
export { parseReal } from './parse-real';
export { writeReal } from './real';
export { out, rows } from './row-lines';
