import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
// @ts-expect-error: a script, without types
import { build, TARGET } from '../wasm/build.mjs';

it('the binary in lib/wasm is that of the sources', async () => {
	expect(await readFile(TARGET, 'utf8')).toBe(await build());
});
