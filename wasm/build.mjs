// Compiles this folder into lib/wasm/binary.ts: npm run build:wasm
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const TARGET = fileURLToPath(new URL('../lib/wasm/binary.ts', import.meta.url));

/** The text of lib/wasm/binary.ts. */
export async function build() {
	// Its runtime called `stub` is the one without garbage collection: nothing is allocated here.
	const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--outFile', 'binary.wasm'];
	let binary;
	const { error, stderr } = await main(['index.ts', '--baseDir', HERE, ...options], {
		writeFile: (_, contents) => {
			binary = Buffer.from(contents);
		},
	});
	if (error) throw new Error(`${error.message}\n${stderr}`);
	return `/** Compiled from the folder wasm by \`npm run build:wasm\`; a test sees that it is of those sources. */
export const BINARY =
	'${binary.toString('base64')}';
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, await build());
