import { LifeboatError } from '../core/errors';
import { BINARY } from './binary';

/** The inner loops of reading and writing, compiled from the folder `wasm`, where each of these is described; places are of bytes in `memory`. */
export interface Kernel {
	readonly memory: WebAssembly.Memory;

	readonly FIELDS: WebAssembly.Global<'i32'>;
	readonly PAGE: WebAssembly.Global<'i32'>;
	readonly CHAINS: WebAssembly.Global<'i32'>;
	readonly RECORD: WebAssembly.Global<'i32'>;

	openTable(fields: number, leadsWithRowid: boolean, mostBytes: number, at: number, enoughBytes: number): void;
	openLeaf(usableBytes: number): number;
	rewindLines(): void;
	writeRows(): number;
	writeRecord(at: number): number;
	passRow(): void;
	listChains(usableBytes: number, mostBytes: number): number;

	readonly last: WebAssembly.Global<'i64'>;
	readonly hasLast: WebAssembly.Global<'i32'>;
	readonly rowid: WebAssembly.Global<'i64'>;
	readonly bytes: WebAssembly.Global<'i32'>;
	readonly start: WebAssembly.Global<'i32'>;
	readonly local: WebAssembly.Global<'i32'>;
	readonly overflow: WebAssembly.Global<'i32'>;
	readonly out: WebAssembly.Global<'i32'>;
	readonly rows: WebAssembly.Global<'i32'>;

	writeReal(value: number, at: number): number;
	parseReal(at: number): number;

	readonly CELLS: WebAssembly.Global<'i32'>;

	openRows(cells: number, leadsWithRowid: boolean): void;
	checkRows(at: number): number;

	readonly lineRows: WebAssembly.Global<'i32'>;
	readonly longestLine: WebAssembly.Global<'i32'>;
	readonly problem: WebAssembly.Global<'i32'>;
	readonly problemAt: WebAssembly.Global<'i32'>;
	readonly cellsSeen: WebAssembly.Global<'i32'>;

	readonly PAGES: WebAssembly.Global<'i32'>;

	openPage(at: number, bytes: number, mostRows: number): void;
	addRows(at: number, end: number, cells: number, rowid: number): number;

	readonly pageRows: WebAssembly.Global<'i32'>;
}

const PAGE_BYTES = 65_536;
let compiled: WebAssembly.Module | null = null;

/**
 * Makes a kernel with a memory of its own, which has nothing in it yet.
 *
 * @throws LifeboatError `MEMORY_SHORT` where the process may not reserve the address space
 */
export function newKernel(): Kernel {
	compiled ??= new WebAssembly.Module(Buffer.from(BINARY, 'base64'));
	/** What the kernel leaves to JavaScript: a REAL whose literal is long, or far from 1. */
	const numberOf = (start: number, end: number) =>
		Number(Buffer.from(kernel.memory.buffer, start, end - start).toString('latin1'));
	const imports = { 'parse-real': { numberOf } };
	const kernel = instantiate(compiled, imports).exports as unknown as Kernel;
	return kernel;
}

/** V8 reserves 10 GB of addresses for a memory, whatever its size, so that it need not check each access. */
function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
	try {
		return new WebAssembly.Instance(module, imports);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new LifeboatError('MEMORY_SHORT', 'the system does not give the address space that WebAssembly reserves', {
			hint: 'raise `ulimit -v` by 64 GB, or set NODE_OPTIONS=--disable-wasm-trap-handler (Node 20.15 or later)',
			cause: error,
		});
	}
}

/** Sees to it that a kernel's memory has at least so many bytes. Views of it are of no use any more. */
export function growTo({ memory }: Kernel, bytes: number): void {
	const missing = bytes - memory.buffer.byteLength;
	if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
