import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runScript } from '../support/cli';
import { givenFolder } from '../support/given-folder';
import { givenListener, type Listener } from '../support/listener';
import { recordOutput, SECRETS } from '../support/secrets';
import { execute, gist, givenApp, givenDatabase, givenServer, SHOP, SHOP_ROWS } from './deployment';

const KEY = 'collector-key-0123456789';

interface Span {
	readonly name: string;
	readonly durationMs: number;
	readonly parent: string | undefined;
	// biome-ignore lint/suspicious/noExplicitAny: numbers, strings, whatever was said of it
	readonly facts: Record<string, any>;
}

/** The variables that have all sent to `collector` as JSON, which can be read here. */
function sendingTo(collector: Listener): Record<string, string> {
	return {
		OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
		OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
		OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${KEY}`,
	};
}

/** What has been received, each request of it with the key. */
function received(collector: Listener) {
	const spans: (Span & { id: string; parentId?: string })[] = [];
	// biome-ignore lint/suspicious/noExplicitAny: as OTLP has it
	const points: { name: string; value: number; facts: Record<string, any> }[] = [];
	for (const { path, headers, body } of collector.heard) {
		recordOutput(`what the collector got at ${path}`, body);
		expect(headers.authorization).toBe(`Bearer ${KEY}`);
		const sent = JSON.parse(body);
		for (const { scopeSpans } of sent.resourceSpans ?? [])
			for (const span of scopeSpans.flatMap((scope: { spans: unknown[] }) => scope.spans)) {
				const durationMs = Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
				const { name, spanId: id, parentSpanId: parentId } = span;
				spans.push({ name, id, parentId, parent: undefined, durationMs, facts: factsOf(span) });
			}
		for (const { scopeMetrics } of sent.resourceMetrics ?? [])
			for (const { name, gauge, sum, histogram } of scopeMetrics.flatMap(
				(scope: { metrics: unknown[] }) => scope.metrics,
			))
				for (const point of (gauge ?? sum ?? histogram).dataPoints)
					points.push({ name, value: Number(point.asInt ?? point.asDouble ?? point.sum), facts: factsOf(point) });
	}
	const named = spans.map((span) => ({ ...span, parent: spans.find(({ id }) => id === span.parentId)?.name }));
	return {
		spans: named,
		span: (name: string) => named.find((span) => span.name === name),
		/** The last point of each. */
		point: (name: string, facts = {}) =>
			points.findLast((one) => one.name === name && expect.objectContaining(facts).asymmetricMatch(one.facts))?.value,
	};
}

// biome-ignore lint/suspicious/noExplicitAny: as OTLP has it
function factsOf({ attributes }: any): Record<string, unknown> {
	// biome-ignore lint/suspicious/noExplicitAny: as OTLP has it
	return Object.fromEntries(attributes.map(({ key, value }: any) => [key, value.intValue ?? Object.values(value)[0]]));
}

it('a backup tells the collector its steps with time and bytes, its rows, what was tried again, and its age', async () => {
	const collector = await givenListener();
	const channels = await givenListener();
	const sqld = await givenDatabase();
	const app = await givenApp(sqld.url, {
		...sendingTo(collector),
		BACKUP_HEARTBEAT_URL: `${channels.url}/ping/${SECRETS.HEALTH_SECRET}`,
	});
	// The store fails once while the backup is written.
	app.blob.fault({ on: 'put', kind: 'status', status: 503, name: /ndjson/ });
	const done = await app.next.ask();
	expect(gist(done)).toEqual([200, 'done']);
	const { spans, span, point } = received(collector);
	const { backup } = done.body;
	expect(span('dumping')).toMatchObject({ facts: { 'lifeboat.bytes': backup.plainBytes, 'lifeboat.rows': SHOP_ROWS } });
	expect(span('storing')).toMatchObject({ parent: 'dumping', facts: { 'lifeboat.bytes': backup.bytes } });
	expect(span('proving')).toMatchObject({ parent: 'lifeboat backup', facts: { 'lifeboat.bytes': backup.plainBytes } });
	expect(span('writing the manifest')?.facts['lifeboat.bytes']).toBeGreaterThan(1000);
	expect(span('taking the lease')).toBeDefined();
	for (const one of spans) expect(one.durationMs).toBeGreaterThan(0);
	expect(point('lifeboat.step.duration', { step: 'dumping' })).toBeGreaterThan(0);
	expect(point('lifeboat.step.bytes', { step: 'storing' })).toBe(backup.bytes);
	expect(point('lifeboat.runs', { job: 'backup', outcome: 'done' })).toBe(1);
	expect(point('lifeboat.backup.rows')).toBe(SHOP_ROWS);
	expect(point('lifeboat.backup.bytes')).toBe(backup.bytes);
	expect(point('lifeboat.backup.age')).toBeGreaterThan(0);
	expect(point('lifeboat.retries', { step: 'storing' })).toBe(1);
	expect(channels.heard).toHaveLength(2);
	expect(collector.heard.map(({ body }) => body).join()).not.toContain('/ping/');
});

it('a collector that does not answer, or refuses, costs a backup three seconds at the most, and the log tells of it', async () => {
	const collector = await givenListener();
	const sqld = await givenDatabase();
	const app = await givenApp(sqld.url, sendingTo(collector));
	collector.manner = () => 'hang';
	const done = await app.next.ask();
	expect(gist(done)).toEqual([200, 'done']);
	expect(collector.heard.length).toBeGreaterThan(0);
	const failed = expect.objectContaining({ event: 'telemetry.failed', level: 'error' });
	expect(app.next.events()).toContainEqual(failed);
	expect(await app.manifests()).toHaveLength(1);

	collector.manner = () => 400;
	const again = await app.next.ask();
	expect(gist(again)).toEqual([200, 'skipped']);
	expect(app.next.events().filter(({ event }) => event === 'telemetry.failed')).toHaveLength(2);
});

it('the script tells it as well', async () => {
	const collector = await givenListener();
	const folder = await givenFolder();
	const database = `file:${join(folder, 'shop.db')}`;
	await execute(database, SHOP);
	const env = { ...sendingTo(collector), TURSO_DATABASE_URL: database, BACKUP_SCRATCH_DIR: folder };
	const run = await runScript('backup-turso', ['--write', '--json'], { cwd: folder, env });
	expect(run.exit).toBe(0);
	const { span, point } = received(collector);
	expect(span('proving')?.parent).toBe('lifeboat backup');
	expect(point('lifeboat.backup.bytes')).toBe(run.json().backup.bytes);
	expect(point('lifeboat.retries')).toBe(0);

	await collector.close();
	const alone = await runScript('backup-turso', ['--write', '--json'], { cwd: folder, env });
	expect(alone.exit).toBe(0);
	expect(alone.stderr).toContain('OpenTelemetry was not told');
});

it('health tells the age', async () => {
	const collector = await givenListener();
	const sqld = await givenDatabase();
	const app = await givenApp(sqld.url);
	expect(gist(await app.next.ask())).toEqual([200, 'done']);
	const next = await givenServer({ ...app.env, ...sendingTo(collector) });
	expect((await next.ask({ path: '/api/health', authorization: null })).status).toBe(200);
	const { point, span } = received(collector);
	expect(point('lifeboat.backup.age')).toBeGreaterThan(0);
	expect(point('lifeboat.backup.rows')).toBe(SHOP_ROWS);
	expect(span('lifeboat health')).toBeDefined();
});

const PRELOAD = `--import=${new URL('../support/list-required.mjs', import.meta.url).href}`;
/** Of what only the SDK has in it. */
const SDK = /@vercel\/otel: started|PeriodicExportingMetricReader/;

it('nothing of it is loaded where it is not configured', async () => {
	const collector = await givenListener();
	const sqld = await givenDatabase();
	const loadedBy = async (more: Record<string, string>) => {
		const folder = await givenFolder();
		const file = join(folder, 'loaded');
		const next = await givenServer({
			...SECRETS,
			BLOB_READ_WRITE_TOKEN: '',
			TURSO_DATABASE_URL: sqld.url,
			BACKUP_LOCAL_DIR: join(folder, 'backups'),
			BACKUP_SCRATCH_DIR: folder,
			NODE_OPTIONS: PRELOAD,
			LIFEBOAT_TEST_LOADED: file,
			...more,
		});
		expect(gist(await next.ask())).toEqual([200, 'done']);
		const urls = [...new Set((await readFile(file, 'utf8')).split('\n'))].filter((url) => url.startsWith('file:'));
		const own = urls.filter((url) => !url.includes('/node_modules/next/'));
		const texts = await Promise.all(own.map(async (url) => ({ url, text: await readFile(new URL(url), 'utf8') })));
		return texts.filter(({ text }) => SDK.test(text)).map(({ url }) => url);
	};
	expect(await loadedBy({})).toEqual([]);
	// What is looked for is there to be found.
	expect((await loadedBy(sendingTo(collector))).length).toBeGreaterThan(0);
});
