/** A command of a page, as it stands there, and what the page shows of its output. */
export interface ShownRun {
	readonly command: string;
	/** By a comment `# exit code N` at its end; 0 unless said. */
	readonly exit: number;
	/** Null: nothing is shown. */
	readonly shown: string | null;
	/** Of its output on the page: the first line, and the one after the last. */
	readonly from: number;
	readonly to: number;
}

/** What stands under one heading of the second order. */
export interface Section {
	readonly title: string;
	/** By which it is linked to. */
	readonly anchor: string;
	readonly lines: number;
	readonly runs: readonly ShownRun[];
	/** Lines of its blocks of the kind `console`, which nobody can run here. */
	readonly notRun: readonly string[];
}

interface Fence {
	readonly kind: string;
	readonly from: number;
	readonly to: number;
}

/** Reads a page's sections: what is run stands in blocks of the kind `sh`, its output in one of the kind `text` below. */
export function readSections(page: string): Section[] {
	const lines = page.split('\n');
	const starts = lines.flatMap((line, at) => (line.startsWith('## ') ? [at] : []));
	return starts.map((start, nth) => {
		const end = starts[nth + 1] ?? lines.length;
		const fences = fencesOf(lines, start, end);
		const textOf = ({ from, to }: Fence) => lines.slice(from, to).join('\n');
		const runs = fences.flatMap((fence, at): ShownRun[] => {
			if (fence.kind !== 'sh') return [];
			const next = fences[at + 1];
			const output = next?.kind === 'text' ? next : null;
			const command = textOf(fence);
			const exit = Number(/# exit code (\d)\s*$/.exec(command)?.[1] ?? 0);
			return [{ command, exit, shown: output && textOf(output), from: output?.from ?? 0, to: output?.to ?? 0 }];
		});
		const notRun = fences.filter(({ kind }) => kind === 'console').flatMap((fence) => textOf(fence).split('\n'));
		const title = (lines[start] as string).slice(3);
		return { title, anchor: anchorOf(title), lines: end - start, runs, notRun };
	});
}

function fencesOf(lines: readonly string[], start: number, end: number): Fence[] {
	const fences: Fence[] = [];
	let open: Omit<Fence, 'to'> | null = null;
	for (let at = start; at < end; at++) {
		const kind = /^```(.*)$/.exec(lines[at] as string)?.[1];
		if (kind === undefined) continue;
		if (open === null) open = { kind, from: at + 1 };
		else {
			fences.push({ ...open, to: at });
			open = null;
		}
	}
	return fences;
}

/** The name by which GitHub links to a heading. */
export function anchorOf(title: string): string {
	return title
		.toLowerCase()
		.replace(/[^\p{L}\p{N}_ -]/gu, '')
		.replaceAll(' ', '-');
}

/** The anchors of all headings of a page. */
export function anchorsOf(page: string): Set<string> {
	return new Set(Array.from(page.matchAll(/^#+ (.*)$/gm), ([, title = '']) => anchorOf(title)));
}

/** The page with other outputs, by what it shows now. */
export function withOutputs(page: string, outputs: ReadonlyMap<ShownRun, string>): string {
	const lines = page.split('\n');
	const fromBelow = [...outputs].sort(([a], [b]) => b.from - a.from);
	for (const [{ from, to }, text] of fromBelow) lines.splice(from, to - from, ...text.split('\n'));
	return lines.join('\n');
}

/** What is another each time, and what stands for it. */
const MASKS: readonly (readonly [RegExp, string])[] = [
	[/\b(backup|drill)-\d{8}T\d{6}Z-[0-9a-f]{4}\b/g, '$1-ID'],
	[/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
	[/\b\d{4}-\d\d-\d\d\b/g, 'DAY'],
	[/\b[0-9a-f]{64}\b/g, 'SHA256'],
	[/\bage1[0-9a-z]{58}\b/g, 'RECIPIENT'],
	[/\b[\d,]+(\.\d+)? (B|kB|MB|GB)\b/g, 'SIZE'],
	[/\b(\d+ h \d\d min|\d+ min \d\d s|\d+(\.\d)? s|\d+ ms)\b/g, 'DURATION'],
	[/"(ageSeconds|bytes|plainBytes|durationMs)":\d+/g, '"$1":N'],
	// The columns of a table are as wide as what is in them.
	[/ {2,}/g, ' '],
	[/[ \n]+$/, ''],
];

/**
 * Claims that a page shows what was printed, but for ids, times, sizes and digests. A line `…` stands for any lines, and
 * `…` within one for the rest of it, or a part.
 */
export function showsWhat(shown: string, printed: string): boolean {
	const mask = (text: string) => MASKS.reduce((masked, [what, by]) => masked.replace(what, by), text);
	const pattern = mask(shown)
		.split('\n')
		.map((line) =>
			line === '…'
				? '(?:.*\\n)*?'
				: `${line
						.split('…')
						.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
						.join('.*')}\\n`,
		)
		.join('');
	return new RegExp(`^${pattern}$`).test(`${mask(printed)}\n`);
}
