import type { WireFault } from '../support/fault-proxy';

/** A fault on the wire, by name. */
export type NamedFault = readonly [name: string, fault: WireFault];

/** What the libSQL server itself, or a service in front of it, answers where it fails. */
export const HRANA_ERROR = JSON.stringify({ message: 'the database is not here at the moment', code: 'SERVER_ERROR' });
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const PAGE = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';

/** Every status that a server or a proxy may answer with for a while, in every form. */
export const STATUSES: readonly NamedFault[] = [429, 500, 502, 503].flatMap((status): NamedFault[] => [
	[`${status} with nothing`, { kind: 'status', status }],
	[`${status} with an error of the protocol`, { kind: 'status', status, body: HRANA_ERROR }],
	[`${status} with a text`, { kind: 'status', status, body: 'busy', headers: { 'content-type': 'text/plain' } }],
	[`${status} with retry-after`, { kind: 'status', status, headers: { 'retry-after': '2' } }],
	[`${status} after the work was done`, { kind: 'status', status, heard: true }],
]);

/** A connection that ends before its time. */
export const CUTS: readonly NamedFault[] = [
	['cut before the request is heard', { kind: 'cut', at: 'request' }],
	['cut before the answer', { kind: 'cut', at: 'answer' }],
	['cut in the middle of the answer', { kind: 'cut', at: 'body' }],
	['half an answer, as if it were all', { kind: 'truncate' }],
];

/** Pages of somebody else: a gateway's, a login's. */
export const PAGES: readonly NamedFault[] = [
	['a page of HTML with status 200', { kind: 'status', status: 200, body: PAGE, headers: HTML }],
	['a page of HTML with status 502', { kind: 'status', status: 502, body: PAGE, headers: HTML }],
	['a page of HTML instead of the answer', { kind: 'status', status: 200, body: PAGE, headers: HTML, heard: true }],
	['sent on to another page', { kind: 'status', status: 303, headers: { location: '/' } }],
];

/** Connections that go on, and on which nothing comes. */
export const STALLS: readonly NamedFault[] = [
	['nothing is heard of the request', { kind: 'stall', at: 'request' }],
	['the answer stops in its middle', { kind: 'stall', at: 'body' }],
];

/** What takes its time, and is right. */
export const SLOWNESS: readonly NamedFault[] = [
	['late by 200 ms', { kind: 'delay', ms: 200 }],
	['at 200 kB a second', { kind: 'throttle', bytesPerSecond: 200_000 }],
];

const json = (body: string): WireFault => ({ kind: 'status', status: 200, body });
const changed = (change: (answer: Answer) => unknown): WireFault => ({
	kind: 'rewrite',
	body: (own) => Buffer.from(JSON.stringify(change(JSON.parse(own.toString())))),
});

/** An answer of the protocol, as far as it is looked into. */
// biome-ignore lint/suspicious/noExplicitAny: it is taken apart in many ways
type Answer = { results: any[] } & Record<string, any>;

/** The result of each statement in an answer. */
function statements({ results }: Answer): Record<string, unknown>[] {
	return results.flatMap(({ response }) => response?.result?.step_results ?? response?.result ?? []).filter(Boolean);
}

function rows(change: (rows: readonly unknown[][]) => unknown[]): WireFault {
	return changed((answer) => {
		for (const statement of statements(answer)) statement.rows = change(statement.rows as unknown[][]);
		return answer;
	});
}

/** Answers that are whole JSON, and not what the protocol has for the request. */
export const MISFITS: readonly NamedFault[] = [
	...['{}', '[]', 'null', '0', '""', '{"results":null}', '{"results":[]}', '{"results":[null,null]}'].map(
		(body): NamedFault => [`the answer ${body}`, json(body)],
	),
	['an error in place of the results', json(HRANA_ERROR)],
	['one result too few', changed((answer) => ({ ...answer, results: answer.results.slice(1) }))],
	['one result too many', changed((answer) => ({ ...answer, results: [...answer.results, answer.results[0]] }))],
	['results of no kind', changed((answer) => ({ ...answer, results: answer.results.map(() => ({ type: 'odd' })) }))],
	['no response', changed((answer) => ({ ...answer, results: answer.results.map(() => ({ type: 'ok' })) }))],
	['no result of any statement', changed(withoutSteps)],
	['statements without rows', rows(() => [])],
	['rows without values', rows((own) => own.map(() => []))],
	['values of no kind', rows(() => [[{ type: 'odd' }]])],
	['an integer that is none', rows(() => [[{ type: 'integer', value: 'x' }]])],
	['a stream that is not ours', changed((answer) => ({ ...answer, baton: 'AAAA' }))],
];

function withoutSteps(answer: Answer): Answer {
	for (const { response } of answer.results)
		if (response?.result?.step_results) Object.assign(response.result, { step_results: [], step_errors: [] });
		else if (response?.result) response.result = null;
	return answer;
}
