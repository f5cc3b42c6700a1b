import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSource, readSources, resolveImport, type SourceFile } from './support/imports';

/** The layer table of DESIGN.md: what a room may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	core: [],
	wasm: ['core'],
	format: ['core', 'wasm'],
	engine: ['core', 'wasm', 'format'],
	store: ['core'],
	// Of engine and store the contracts only; see CONTRACTS.
	backup: ['core', 'format', 'engine', 'store'],
	status: ['core', 'backup'],
	notify: ['core'],
	config: ['core'],
	jobs: ['core', 'format', 'engine', 'store', 'backup', 'status', 'notify', 'config'],
	http: ['core', 'config', 'status', 'jobs'],
	cli: ['core', 'config', 'jobs'],
	'app/': ['http', 'jobs', 'status'],
	'scripts/': ['cli', 'jobs'],
	'proxy.ts': ['http'],
	'instrumentation.ts': ['jobs'],
};

/** What `lib/backup` may import of the rooms whose contracts it works by. */
const CONTRACTS: Readonly<Record<string, string>> = { engine: 'lib/engine/engine.ts', store: 'lib/store/store.ts' };

/** The binding points: they hand `process.env` in. Nothing below them reads it. */
const MAY_READ_ENVIRONMENT = /^((lib\/config|app|scripts)\/|(proxy|instrumentation)\.ts$)/;

/** Who may know of which packages: a client behind a contract stays behind it. */
const OWNED_PACKAGES: readonly (readonly [name: RegExp, owner: RegExp])[] = [
	// The demo makes its shop, and compares it with the copy, by no code of ours.
	[/^(@libsql\/|libsql$)/, /^(lib\/engine\/libsql|scripts\/demo)\//],
	[/^@vercel\/blob(\/|$)/, /^lib\/store\//],
	[/^@(aws-sdk|smithy)\//, /^lib\/store\//],
	[/^cli-/, /^lib\/cli\//],
	[/^next(\/|$)|^react/, /^(app\/|proxy\.ts$)/],
	[/^iron-session$/, /^lib\/http\//],
	[/^@(opentelemetry\/|vercel\/otel)/, /^lib\/notify\/telemetry\//],
];

/** Sources that Next wants at the root; each is a room of its own. */
const ROOT_FILES = ['proxy.ts', 'instrumentation.ts'];

function roomOf(path: string): string {
	const [top, second] = path.split('/');
	if (top === 'lib') return second ?? '';
	return second === undefined ? path : `${top}/`;
}

/** Every arrow that the table does not have, and every other breach, as a line each. */
function breaches(files: readonly SourceFile[]): string[] {
	const paths = new Set(files.map(({ path }) => path));
	return files.flatMap((file) => {
		const found: string[] = [];
		const room = roomOf(file.path);
		const allowed = MAY_IMPORT[room];
		if (allowed === undefined) found.push(`${file.path} is in no room of the table`);
		if (file.hasBlindImport) found.push(`${file.path} imports what it does not spell out`);
		if (file.readsEnvironment && !MAY_READ_ENVIRONMENT.test(file.path)) found.push(`${file.path} reads process.env`);
		for (const specifier of file.imports) {
			const target = resolveImport(file.path, specifier, paths);
			if (target === null) {
				const isOthers = OWNED_PACKAGES.some(([name, owner]) => name.test(specifier) && !owner.test(file.path));
				if (isOthers) found.push(`${file.path} imports ${specifier}`);
				continue;
			}
			const targetRoom = roomOf(target);
			const contract = room === 'backup' ? CONTRACTS[targetRoom] : undefined;
			if (targetRoom !== room && !allowed?.includes(targetRoom)) {
				found.push(`${file.path} imports ${target}`);
			} else if (contract !== undefined && target !== contract) {
				found.push(`${file.path} imports ${target}, which is not the contract`);
			}
		}
		return found;
	});
}

/** A circle between files, as the way round it; null if there is none. */
function findCircle(files: readonly SourceFile[]): string[] | null {
	const byPath = new Map(files.map((file) => [file.path, file]));
	const paths = new Set(byPath.keys());
	const done = new Set<string>();
	const walk = (path: string, way: readonly string[]): string[] | null => {
		if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
		if (done.has(path)) return null;
		for (const specifier of byPath.get(path)?.imports ?? []) {
			const target = resolveImport(path, specifier, paths);
			const circle = target === null ? null : walk(target, [...way, path]);
			if (circle !== null) return circle;
		}
		done.add(path);
		return null;
	};
	for (const path of paths) {
		const circle = walk(path, []);
		if (circle !== null) return circle;
	}
	return null;
}

describe('the house', () => {
	const root = fileURLToPath(new URL('..', import.meta.url));
	const files = [
		...readSources(root, ['lib', 'app', 'scripts']),
		...ROOT_FILES.map((path) => parseSource(path, readFileSync(join(root, path), 'utf8'))),
	];

	it('has files to look at', () => {
		expect(files.length).toBeGreaterThan(20);
	});

	it('has no arrow that the layer table does not have', () => {
		expect(breaches(files)).toEqual([]);
	});

	it('has no circle between files', () => {
		expect(findCircle(files)).toBeNull();
	});
});

describe('the test itself', () => {
	it.each([
		['lib/core/a.ts', "import { x } from '../format/x'", 'lib/format/x'],
		['lib/store/a.ts', "import type { X } from '../engine/engine'", 'lib/engine/engine'],
		['lib/format/a.ts', "export * from '../engine/engine'", 'lib/engine/engine'],
		['lib/format/a.ts', "export { x } from '../config/load'", 'lib/config/load'],
		['lib/engine/libsql/a.ts', "const x = await import('../../store/store')", 'lib/store/store'],
		['lib/engine/libsql/a.ts', 'const x = await import(`../../store/store`)', 'lib/store/store'],
		['lib/engine/a.ts', "let x: import('../backup/dump').Dump", 'lib/backup/dump'],
		['lib/notify/a.ts', "const x = require('../config/load')", 'lib/config/load'],
		['lib/config/a.ts', "import '../jobs/nightly'", 'lib/jobs/nightly'],
		['lib/backup/a.ts', "import { x } from '../store/local'", 'lib/store/local'],
		['lib/backup/a.ts', "import { x } from '../engine/libsql/read'", 'lib/engine/libsql/read'],
		['lib/http/a.ts', "import { x } from '../cli/output'", 'lib/cli/output'],
		['lib/core/a.ts', "import { x } from '../../test/support/x'", 'test/support/x'],
		['scripts/a.ts', "import { x } from '../test/support/x'", 'test/support/x'],
		['scripts/a.ts', "import { x } from '../lib/engine/engine'", 'lib/engine/engine'],
		['proxy.ts', "import { x } from './lib/jobs/nightly'", 'lib/jobs/nightly'],
		['lib/status/a.ts', "import { x } from '../jobs/nightly'", 'lib/jobs/nightly'],
		['lib/http/a.ts', "import { NextResponse } from 'next/server'", 'next/server'],
		['lib/jobs/a.ts', "import { sealData } from 'iron-session'", 'iron-session'],
		['app/api/x/route.ts', "import { x } from '../../../lib/config/load'", 'lib/config/load'],
		['lib/jobs/a.ts', "import { x } from '../../scripts/x'", 'scripts/x'],
		['lib/jobs/a.ts', "import { createClient } from '@libsql/client'", '@libsql/client'],
		['scripts/a.ts', "import { createClient } from '@libsql/client'", '@libsql/client'],
		['scripts/demo/a.ts', "import { openDatabase } from '../../lib/engine/engine'", 'lib/engine/engine'],
		['lib/backup/a.ts', "import { put } from '@vercel/blob'", '@vercel/blob'],
		['lib/utils.ts', '', 'utils.ts'],
		['lib/jobs/a.ts', 'const x = await import(name)', 'does not spell out'],
		['lib/jobs/a.ts', 'const x = process.env.HOME', 'process.env'],
		['lib/jobs/a.ts', "const x = globalThis.process['env']", 'process.env'],
		['lib/jobs/a.ts', 'process.env.A = process.env.B', 'process.env'],
		['lib/jobs/a.ts', "process.env.A ??= '0'", 'process.env'],
		['lib/jobs/a.ts', 'const { env } = process', 'process.env'],
		['lib/jobs/a.ts', "import { env } from 'node:process'", 'process.env'],
	])('catches in %s: %s', (path, text, told) => {
		const found = breaches([parseSource(path, text)]);
		expect(found).toHaveLength(1);
		expect(found[0]).toContain(told);
	});

	it.each([
		['lib/backup/a.ts', "import type { Store } from '../store/store'; import type { Engine } from '../engine/engine'"],
		['lib/engine/libsql/a.ts', "import { x } from '../engine'; import { createClient } from '@libsql/client/http'"],
		[
			'lib/core/a.ts',
			"// import '../jobs/x' and process.env\nconst x = \"import '../jobs/x'\"; import { y } from './y'",
		],
		['scripts/a.ts', "import { runCommand } from '../lib/cli/command'; void process.env.X"],
		['scripts/demo/a.ts', "import { createClient } from '@libsql/client'"],
		['lib/store/a.ts', "process.env.VERCEL_BLOB_RETRIES = '0'"],
		['app/page.tsx', "import { x } from '../lib/jobs/x'; export default () => <p>import</p>"],
		['proxy.ts', "import { NextResponse } from 'next/server'; import { x } from './lib/http/x'; void process.env"],
	])('lets be in %s: %s', (path, text) => {
		const contracts = ['lib/store/store.ts', 'lib/engine/engine.ts'].map((contract) => parseSource(contract, ''));
		expect(breaches([parseSource(path, text), ...contracts])).toEqual([]);
	});

	it('catches a circle, a type-only one too', () => {
		const circle = [
			parseSource('lib/core/a.ts', "import './b'"),
			parseSource('lib/core/b.ts', "import type { C } from './c'"),
			parseSource('lib/core/c.ts', "export * from './a'"),
		];
		expect(findCircle(circle)).toEqual(['lib/core/a.ts', 'lib/core/b.ts', 'lib/core/c.ts', 'lib/core/a.ts']);
		expect(findCircle(circle.slice(1))).toBeNull();
	});
});
