import type { WireFault } from '../support/fault-proxy';

/** A fault of the table, by the name of its row. */
export interface NamedFault {
	readonly row: string;
	readonly title: string;
	readonly fault: WireFault;
}

const refusal = (status: number, code: string | null, headers: Record<string, string> = {}): NamedFault => ({
	row: rowOf(status),
	title: `${status} ${code ?? 'without a code'}${headers['retry-after'] ? `, retry-after ${headers['retry-after']}` : ''}`,
	fault: {
		kind: 'status',
		status,
		headers,
		body: code === null ? '{}' : JSON.stringify({ error: { code, message: 'a fault that was asked for' } }),
	},
});

function rowOf(status: number): string {
	if (status === 429) return 'rate limited';
	return status >= 500 ? 'the store fails' : 'the store refuses';
}

const HTML = '<!doctype html><title>Welcome to the hotel</title><p>Please accept the terms of this network.';
const odd = (row: string, title: string, fault: WireFault): NamedFault => ({ row, title, fault });

/** Each way in which one request to the store can go wrong, but for stalls, which take time. */
export const FAULTS: readonly NamedFault[] = [
	refusal(500, 'internal_server_error'),
	refusal(500, null),
	refusal(502, null),
	refusal(503, 'service_unavailable'),
	refusal(503, null),
	refusal(429, 'rate_limited', { 'retry-after': '17' }),
	refusal(429, 'rate_limited', { 'retry-after': '3600' }),
	refusal(429, 'rate_limited'),
	refusal(429, null, { 'retry-after': '17' }),
	refusal(400, 'bad_request'),
	refusal(400, null),
	refusal(403, 'forbidden'),
	refusal(403, null),
	refusal(404, 'not_found'),
	refusal(404, null),
	refusal(403, 'store_suspended'),
	refusal(404, 'store_not_found'),
	odd('a lost answer', 'done, answered by 500', {
		...refusal(500, 'internal_server_error').fault,
		heard: true,
	} as WireFault),
	odd('a lost answer', 'done, and cut before the answer', { kind: 'cut', at: 'answer' }),
	odd('a cut connection', 'cut before the request', { kind: 'cut', at: 'request' }),
	odd('a cut connection', 'done, and cut amid the answer', { kind: 'cut', at: 'body' }),
	odd('half an answer', 'truncated as if whole', { kind: 'truncate' }),
	odd('a corrupted answer', 'a bit turned', { kind: 'corrupt' }),
	odd('a slow store', 'delayed', { kind: 'delay', ms: 30 }),
	odd('a slow store', 'throttled', { kind: 'throttle', bytesPerSecond: 20_000 }),
	odd('another answer than the SDK knows', 'a page of HTML, nothing done', {
		kind: 'status',
		status: 200,
		headers: { 'content-type': 'text/html' },
		body: HTML,
	}),
	odd('another answer than the SDK knows', '{}, nothing done', { kind: 'status', status: 200, body: '{}' }),
	odd('another answer than the SDK knows', '{}, done', { kind: 'status', status: 200, body: '{}', heard: true }),
	odd('another answer than the SDK knows', 'null, done', { kind: 'status', status: 200, body: 'null', heard: true }),
	odd('another answer than the SDK knows', '204', { kind: 'status', status: 204 }),
];
