import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { type FaultRow, OUTCOMES, type Outcome } from '../support/tally';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');
/** Between these two lines of the page stands what the last soak printed. */
const [BEGIN, END] = ['<!-- soak: begin -->', '<!-- soak: end -->'];
const NEVER: readonly Outcome[] = ['lost', 'wrong', 'undetected'];

/** Prints, after all tests, the table of faults that their tallies have counted; with LIFEBOAT_SOAK_WRITE=1, writes it into the docs. */
export default class SoakReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const rows = new Map<string, FaultRow>();
		let failed = 0;
		for (const module of modules)
			for (const test of module.children.allTests()) {
				if (test.result().state === 'failed') failed++;
				for (const row of test.meta().faults ?? []) add(rows, row);
			}
		const table = tableOf([...rows.values()]);
		console.log(`\n${table}\n\n${failed} tests failed`);
		if (process.env.LIFEBOAT_SOAK_WRITE === '1') writePage(table);
	}
}

/** A fault that several tests have tried is one row. */
function add(rows: Map<string, FaultRow>, row: FaultRow): void {
	const key = `${row.area}: ${row.fault}`;
	const before = rows.get(key)?.outcomes;
	const outcomes = OUTCOMES.map((outcome) => [outcome, row.outcomes[outcome] + (before?.[outcome] ?? 0)] as const);
	rows.set(key, { ...row, outcomes: Object.fromEntries(outcomes) as FaultRow['outcomes'] });
}

function tableOf(rows: readonly FaultRow[]): string {
	const total = (outcome: Outcome) => rows.reduce((sum, row) => sum + row.outcomes[outcome], 0);
	const cases = OUTCOMES.reduce((sum, outcome) => sum + total(outcome), 0);
	const sections = [...new Set(rows.map(({ area }) => area))].flatMap((area) => [
		`### ${area}`,
		'',
		'| fault | how it is provoked | promised | cases | what happened |',
		'|---|---|---|---:|---|',
		...rows.filter((row) => row.area === area).map(lineOf),
		'',
	]);
	return [
		...sections,
		`Cases tried: ${count(cases)}. Backups lost: ${total('lost')}. Wrong backups, restores or answers: ${total('wrong')}. Undetected damage: ${total('undetected')}.`,
	].join('\n');
}

function lineOf({ fault, provoked, promised, outcomes }: FaultRow): string {
	const cases = OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0);
	const happened = OUTCOMES.filter((outcome) => outcomes[outcome] > 0).map((outcome) => {
		const said = `${count(outcomes[outcome])} ${outcome}`;
		return NEVER.includes(outcome) ? `**${said}**` : said;
	});
	return `| ${[fault, provoked, promised, count(cases), happened.join(', ')].join(' | ')} |`;
}

function count(number: number): string {
	return number.toLocaleString('en-US');
}

function writePage(table: string): void {
	const page = readFileSync(PAGE, 'utf8');
	const [before, after] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
	writeFileSync(PAGE, `${page.slice(0, before)}\n\n${table}\n\n${page.slice(after)}`);
}
