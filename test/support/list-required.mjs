// Appends the URL of every file that the process requires to the file LIFEBOAT_TEST_LOADED, one a line: Next's server
// loads its chunks so, which list-loaded.mjs does not see on Node 20.
// Preload it with NODE_OPTIONS=--import=file:///…/list-required.mjs.
import { appendFileSync } from 'node:fs';
import Module from 'node:module';
import { pathToFileURL } from 'node:url';

const load = Module._extensions['.js'];
Module._extensions['.js'] = (module, path) => {
	appendFileSync(process.env.LIFEBOAT_TEST_LOADED, `${pathToFileURL(path).href}\n`);
	load(module, path);
};
