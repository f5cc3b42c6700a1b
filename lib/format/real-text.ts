import { growTo, type Kernel, newKernel } from '../wasm/kernel';

const MAX_REAL_BYTES = 26;
let kernel: Kernel | null = null;

/**
 * The one spelling of a REAL in a row line, which `wasm/real.ts` describes; infinities as `9e999` and `-9e999`.
 * Throws `TypeError` for NaN, which no database holds.
 */
export function realText(value: number): string {
	if (Number.isNaN(value)) throw new TypeError('not a number');
	kernel ??= newKernel();
	const start = kernel.FIELDS.value;
	growTo(kernel, start + MAX_REAL_BYTES);
	return Buffer.from(kernel.memory.buffer, start, kernel.writeReal(value, start) - start).toString('latin1');
}
