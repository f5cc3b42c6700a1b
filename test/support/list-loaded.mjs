// Appends the URL of every module that the process loads to the file LIFEBOAT_TEST_LOADED, one a line.
// Preload it with NODE_OPTIONS=--import=file:///…/list-loaded.mjs.
import { appendFileSync } from 'node:fs';
import module from 'node:module';
import { isMainThread } from 'node:worker_threads';

export function load(url, context, next) {
	appendFileSync(process.env.LIFEBOAT_TEST_LOADED, `${url}\n`);
	return next(url, context);
}

// The older way runs this file again, in a thread of its own. From Node 22.15 there is a newer, which tsx takes too.
if (module.registerHooks) module.registerHooks({ load });
else if (isMainThread) module.register(import.meta.url);
