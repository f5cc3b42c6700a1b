/** Tells a person what is done and what came of it, and holds every answer against what was expected. */
export class Report {
	#steps = 0;

	/** `secret` must never be in anything that is told. */
	constructor(
		private readonly write: (text: string) => void,
		private readonly secret: string,
	) {}

	get steps(): number {
		return this.#steps;
	}

	step(title: string): void {
		this.#line(`\n${++this.#steps}. ${title}`);
	}

	/** What a person would type. */
	command(...lines: readonly string[]): void {
		for (const [index, line] of lines.entries()) this.#line(`   ${index === 0 ? '$' : ' '} ${line}`);
	}

	/** What came back, no more than `most` lines of it. */
	answer(text: string, most = 24): void {
		this.expect(!text.includes(this.secret), 'no secret is in what was answered', { isTold: false });
		const lines = text.trimEnd().split('\n');
		for (const line of lines.slice(0, most)) this.#line(`     ${line}`.trimEnd());
		if (lines.length > most) this.#line(`     … ${lines.length - most} more lines`);
	}

	/** Ends the demo unless `claim` holds. */
	expect(claim: boolean, what: string, { isTold = true } = {}): void {
		if (!claim) throw new Error(`step ${this.#steps}: this does not hold: ${what}`);
		if (isTold) this.#line(`   ok: ${what}`);
	}

	#line(line: string): void {
		this.write(`${line.replaceAll(this.secret, '[secret]')}\n`);
	}
}

/** JSON for people: what fits a line stands on one. */
export function showJson(value: unknown, indent = ''): string {
	const short = JSON.stringify(value);
	if (typeof value !== 'object' || value === null || short.length + indent.length <= 80) return short;
	const inner = `${indent}  `;
	const parts = Array.isArray(value)
		? value.map((part) => showJson(part, inner))
		: Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${showJson(part, inner)}`);
	const [open, close] = Array.isArray(value) ? '[]' : '{}';
	return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
