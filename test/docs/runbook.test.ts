import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALERT_KINDS } from '../../lib/notify/alert';
import { type Night, startNight } from './night';
import { anchorsOf, readSections, type ShownRun, showsWhat, withOutputs } from './page';

const ROOT = resolve(import.meta.dirname, '../..');
const PATH = join(ROOT, 'docs/runbook.md');
const PAGE = readFileSync(PATH, 'utf8');
const SECTIONS = readSections(PAGE);
/** A section is to be seen whole by whoever reads it at night. */
const SCREEN_LINES = 60;
/** Some twenty processes in all, on a machine that is at work. */
const LONG = { timeout: 180_000 };

/** What needs an account of Turso or Vercel, or another machine. A new one is to be run, or named here. */
const NOT_RUN = [
	'turso db shell shop < missing.sql',
	'turso db shell shop < orders.sql',
	'vercel rollback',
	'turso group create rescue --location aws-eu-west-1 --wait',
	'turso db create shop-new --group rescue --wait',
	'git clone https://github.com/YOU/YOUR-APP.git shop && cd shop && npm ci',
	'turso plan overages enable',
	'turso db create shop-new --wait',
	'turso db show shop-new --url',
	'turso db tokens create shop-new',
	'. ./.env.local',
	'vercel env rm TURSO_DATABASE_URL production --yes',
	'vercel env rm TURSO_AUTH_TOKEN production --yes',
	`printf %s "$RESTORE_DATABASE_URL" | vercel env add TURSO_DATABASE_URL production`,
	`printf %s "$RESTORE_AUTH_TOKEN" | vercel env add TURSO_AUTH_TOKEN production`,
	'vercel deploy --prod',
	'turso db create shop-broken --from-db shop --wait',
	'turso db destroy shop --yes',
	'turso db create shop --from-db shop-new --wait',
	'turso db tokens create shop',
];

/** Scripts that a section makes for Turso's shell, and the rows that a table has when one has been run. */
const PUTS_BACK: Readonly<Record<string, { script: string; table: string; rows: number }>> = {
	'rows-deleted': { script: 'missing.sql', table: 'users', rows: 40 },
	'table-dropped': { script: 'orders.sql', table: 'orders', rows: 120 },
};

/** The shell of SQLite, by which single tables are taken out of an export. */
const hasSqlite3 = process.env.CI !== undefined || spawnSync('sqlite3', ['--version']).status === 0;

describe('the commands of docs/runbook.md, as they stand there', LONG, () => {
	let night: Night;
	const others = new Map<ShownRun, string>();
	beforeAll(async () => {
		night = await startNight();
	}, LONG.timeout);
	afterAll(() => night?.close());

	for (const { title, anchor, runs } of SECTIONS.filter((section) => section.runs.length > 0)) {
		it(title, async () => {
			await night.prepare(anchor);
			for (const run of runs) {
				if (run.command.startsWith('sqlite3 ') && !hasSqlite3) continue;
				const { exit, text } = await night.run(run.command);
				expect(exit, `${run.command}\n${text}`).toBe(run.exit);
				if (run.shown !== null && !showsWhat(run.shown, text)) others.set(run, text.trimEnd());
			}
			const { script, table, rows } = PUTS_BACK[anchor] ?? {};
			if (script && table && hasSqlite3) expect(await night.putBack(script, table)).toBe(rows);
		});
	}

	it('print what the page shows', async () => {
		await expect(withOutputs(PAGE, others)).toMatchFileSnapshot(PATH);
	});
});

describe('docs/runbook.md', () => {
	it('has no command that neither is run nor cannot be', () => {
		expect(SECTIONS.flatMap(({ notRun }) => notRun).sort()).toEqual([...NOT_RUN].sort());
		const kinds = new Set(Array.from(PAGE.matchAll(/^```(\w+)$/gm), ([, kind]) => kind));
		expect([...kinds].sort()).toEqual(['console', 'sh', 'text']);
		expect(PAGE.replace(/^```.*?^```$/gms, '')).not.toMatch(/\bnpx |`(curl|turso|vercel) /);
	});

	it('has sections that fit a screen', () => {
		expect(SECTIONS.filter(({ lines }) => lines > SCREEN_LINES).map(({ title }) => title)).toEqual([]);
	});

	it('has every section that is named elsewhere', () => {
		const named = ['lib', 'app', 'scripts', 'docs'].flatMap((folder) =>
			readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
				.filter((name) => /\.(ts|md)$/.test(name))
				.map((name) => join(folder, name)),
		);
		const anchors = [...named, 'README.md', 'CHANGELOG.md'].flatMap((path) =>
			Array.from(readFileSync(join(ROOT, path), 'utf8').matchAll(/runbook\.md#([\w-]+)/g), ([, anchor]) => anchor),
		);
		anchors.push(...Object.values(ALERT_KINDS).map(([, anchor]) => anchor));
		const there = new Set<string | undefined>(SECTIONS.map(({ anchor }) => anchor));
		expect(anchors.filter((anchor) => !there.has(anchor))).toEqual([]);
	});

	it('leads to what is there', () => {
		const links = Array.from(PAGE.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g));
		const broken = links.filter(([, path = '', anchor]) => {
			const text = path === '' ? PAGE : readFileSync(join(dirname(PATH), path), 'utf8');
			return anchor !== undefined && !anchorsOf(text).has(anchor);
		});
		expect(links.length).toBeGreaterThan(10);
		expect(broken.map(([link]) => link)).toEqual([]);
	});
});
