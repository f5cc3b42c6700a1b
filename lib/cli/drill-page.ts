import { printable } from '../core/printable';
import { factsOf, type Report, stepsOf } from './drill-facts';

/** A drill as a page in Markdown, for the records: what was measured, and room for who did it and what came of it. */
export function drillPage(report: Report): string {
	const lines = [
		`# Recovery drill of ${report.at.slice(0, 10)}`,
		'',
		report.failure === null ? '**Passed.**' : `**Failed** (\`${report.failure.code}\`).`,
		'',
		...table(['', ''], [['begun', report.at], ...factsOf(report)]),
		'',
		...table(['step', 'took'], stepsOf(report)),
		'',
		...table(
			['', ''],
			[
				['carried out by', ''],
				['seen by', ''],
				['did someone else than last time restore from the docs alone?', ''],
				['what was in the way, and what was done about it', ''],
			],
		),
		'',
	];
	return lines.join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const row = (cells: readonly string[]) =>
		`| ${cells.map((cell) => printable(cell, 'line').replaceAll('|', '\\|')).join(' | ')} |`;
	return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)];
}
