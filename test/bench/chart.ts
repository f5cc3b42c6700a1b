import { type Results, summarizeRuns } from './results';

/** What stands side by side: our run first, then what a user would use instead. */
const GROUPS = [
	{ title: 'Back up a local file', ids: ['backup-file', 'dump-6', 'dump-1', 'plain-way'] },
	{ title: 'Back up a server (sqld, loopback)', ids: ['backup-sqld', 'dump-sqld', 'keyset-pages'] },
	{ title: 'Restore into a local file', ids: ['restore-file', 'replay'] },
	{ title: 'Restore into a server (sqld, loopback)', ids: ['restore-sqld', 'batches'] },
	{ title: 'Restore into a server 30 ms away', ids: ['restore-sqld-far', 'batches-far'] },
] as const;

const WIDTH = 760;
const MARGIN = 16;
const BARS_LEFT = 250;
const BARS_WIDTH = 420;
const LINE = 24;
const BAR = 16;
const GROUP_GAP = 18;
const HEAD = 62;

/** Draws the medians as bars, for light and dark pages. */
export function drawChart(results: Results): string {
	const groups = GROUPS.map(({ title, ids }) => ({
		title,
		bars: ids
			.filter((id) => results.samples.has(id))
			.map((id, index) => {
				const { title: peer, seconds, part } = summarizeRuns(results, id);
				const name = index === 0 ? 'Lifeboat' : part === 1 ? peer : `${peer} (scaled)`;
				return { name, seconds, isOurs: index === 0 };
			}),
	})).filter(({ bars }) => bars.length > 1);
	let top = HEAD;
	const drawn = groups.map((group) => {
		const text = drawGroup(group, top);
		top += LINE * (group.bars.length + 1) + GROUP_GAP;
		return text;
	});
	const told = groups.map(({ title, bars }) => {
		const times = bars.map(({ name, seconds }) => `${name} ${showSeconds(seconds)}`);
		return `${title}: ${times.join(', ')}.`;
	});
	const rows = results.data.get('big-1')?.rows.toLocaleString('en') ?? '';
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-labelledby="title desc">
<title id="title">Seconds to back up and restore ${rows} rows</title>
<desc id="desc">${escaped(told.join(' '))}</desc>
<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.head { font-size: 16px; font-weight: 600 } .group { font-weight: 600 } .note { fill: #59636e; font-size: 12px }
.ours { fill: #0f7b6c } .peer { fill: #afb8c1 } text.own { fill: #0f7b6c; font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .note { fill: #9198a1 } .ours { fill: #3fb8a4 } .peer { fill: #59636e } text.own { fill: #3fb8a4 }
}
</style>
<text class="head" x="${MARGIN}" y="26">Seconds to back up and restore ${rows} rows</text>
<text class="note" x="${MARGIN}" y="46">Shorter is better. Medians, process start included; each group has a scale of its own.</text>
${drawn.join('\n')}
</svg>
`;
}

interface Bar {
	readonly name: string;
	readonly seconds: number;
	readonly isOurs: boolean;
}

function drawGroup({ title, bars }: { title: string; bars: readonly Bar[] }, top: number): string {
	const longest = Math.max(...bars.map(({ seconds }) => seconds));
	const lines = bars.map(({ name, seconds, isOurs }, index) => {
		const middle = top + LINE * (index + 1) + LINE / 2;
		const width = Math.max(2, (seconds / longest) * BARS_WIDTH).toFixed(1);
		const right = (BARS_LEFT + Number(width) + 8).toFixed(1);
		return [
			`<text${isOurs ? ' class="own"' : ''} x="${BARS_LEFT - 10}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
			`<rect class="${isOurs ? 'ours' : 'peer'}" x="${BARS_LEFT}" y="${middle - BAR / 2}" width="${width}" height="${BAR}" rx="2"/>`,
			`<text${isOurs ? ' class="own"' : ''} x="${right}" y="${middle + 4}">${showSeconds(seconds)}</text>`,
		].join('');
	});
	return [`<text class="group" x="${MARGIN}" y="${top + 16}">${escaped(title)}</text>`, ...lines].join('\n');
}

function showSeconds(seconds: number): string {
	return `${seconds.toFixed(seconds < 100 ? 1 : 0)} s`;
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
