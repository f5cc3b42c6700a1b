// Sends reads of https://<storeId>.<access>.blob.vercel-storage.com to a server of ours: the SDK's `get` heeds no
// setting for it. Preload it with NODE_OPTIONS=--import=file:///…/redirect-blob-reads.mjs, or import it in a test.
//
// It replaces undici's global dispatcher, which is found by a symbol that every copy of undici 6 shares: npm's, Node's
// own, and one that a bundler put into its output. The variable is read at every request, so that it may be set late.
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';

const BLOB_HOST = '.blob.vercel-storage.com';

function redirected(options) {
	const reads = process.env.LIFEBOAT_TEST_BLOB_READS;
	const host = new URL(String(options.origin)).hostname;
	if (!reads || !host.endsWith(BLOB_HOST)) return options;
	return { ...options, origin: reads, path: `/reads/${host.slice(0, -BLOB_HOST.length)}${options.path}` };
}

setGlobalDispatcher(
	getGlobalDispatcher().compose((dispatch) => (options, handler) => dispatch(redirected(options), handler)),
);
