import type { SeenRequest } from '../support/fault-proxy';

/** What a nightly run asks a Vercel Blob store for, in the order in which it does. */
export const STEPS = [
	'look for the backup of the day',
	'create the lease',
	'confirm the lease',
	'read the lease',
	'take the lease over',
	'put the data',
	'create an upload',
	'upload a part',
	'complete the upload',
	'confirm the data',
	'read the data back',
	'renew the lease',
	'put the manifest',
	'confirm the manifest',
	'read a manifest',
	'list for the sweep',
	'delete',
	'read the summary',
	'put the summary',
	'confirm the summary',
	'release the lease',
] as const;
export type Step = (typeof STEPS)[number];

const DATA = '.ndjson.gz';

/** Tells what each request of one run is for, in the order in which they come. */
export function newStepReader(): (request: SeenRequest) => Step {
	let hasData = false;
	return ({ method, path, headers, body }) => {
		const url = new URL(path, 'http://store');
		const { searchParams } = url;
		if (url.pathname.startsWith('/reads/'))
			return named(url.pathname, 'read the lease', 'read the data back', 'read a manifest', 'read the summary');
		if (url.pathname.endsWith('/delete')) return 'delete';
		if (headers['x-mpu-action'] === 'create') return 'create an upload';
		if (headers['x-mpu-action'] === 'upload') return 'upload a part';
		if (headers['x-mpu-action'] === 'complete') return 'complete the upload';
		if (method === 'PUT') {
			const name = searchParams.get('pathname') ?? '';
			hasData ||= name.endsWith(DATA);
			const isReplaced = headers['x-if-match'] !== undefined && name.endsWith('lease.json');
			const lease = isReplaced ? replacement(body, hasData) : 'create the lease';
			return named(name, lease, 'put the data', 'put the manifest', 'put the summary');
		}
		const asked = searchParams.get('url');
		if (asked !== null)
			return named(asked, 'confirm the lease', 'confirm the data', 'confirm the manifest', 'confirm the summary');
		return /backup-\d/.test(searchParams.get('prefix') ?? '') ? 'look for the backup of the day' : 'list for the sweep';
	};
}

function named(name: string, lease: Step, data: Step, manifest: Step, summary: Step): Step {
	if (name.endsWith('history.json')) return summary;
	if (name.endsWith('lease.json')) return lease;
	return name.endsWith(DATA) ? data : manifest;
}

/** A lease that is given up ended at the epoch; it is renewed once there is something to commit. */
function replacement(body: Buffer, hasData: boolean): Step {
	const { expiresAt } = JSON.parse(body.toString()) as { expiresAt: string };
	if (Date.parse(expiresAt) === 0) return 'release the lease';
	return hasData ? 'renew the lease' : 'take the lease over';
}
