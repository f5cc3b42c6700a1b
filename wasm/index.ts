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
export { writeReal } from './real';
export { out, rows } from './row-lines';
