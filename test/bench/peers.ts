import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import type { Contestant } from './contestant';
import type { Slowness } from './network';
import type { Stage } from './stage';
import { ROOT } from './tsx';

/** Less than this is not the data: sqld's dump may end early without an error. A share of the rows' text. */
const LEAST_SHARE = 0.05;

const node = (name: string) => `"${process.execPath}" "${join(ROOT, 'test/bench/peers', `${name}.mjs`)}"`;

/** A backup of the big tables by other means: a shell command that writes `out`. */
export function peerBackup(
	id: string,
	title: string,
	command: (stage: Stage, out: string) => Promise<string>,
): Contestant {
	return {
		id,
		title,
		data: 'big-1',
		async run(stage) {
			const out = stage.newPath('peer.gz');
			const shell = await command(stage, out);
			const { seconds, cpuSeconds, peakMb } = await stage.processes.run({ title, shell });
			const { textBytes } = await stage.data('big-1').reference();
			if ((await stat(out)).size < textBytes * LEAST_SHARE) throw new Error(`${title} is too small to be a backup`);
			await rm(out);
			return { seconds, cpuSeconds, peakMb, wire: null };
		},
	};
}

export const dumpOfFile = (level: number) => async (stage: Stage, out: string) =>
	`sqlite3 "${await stage.data('big-1').file()}" .dump | gzip -${level} > "${out}"`;

export const dumpOfServer = async (stage: Stage, out: string) =>
	`curl -sSf ${await stage.data('big-1').sqld()}/dump | gzip -1 > "${out}"`;

export const plainWay = async (stage: Stage, out: string) =>
	`${node('plain-way')} "file:${await stage.data('big-1').file()}" "${out}"`;

export const keysetPages = async (stage: Stage, out: string) =>
	`${node('keyset-pages')} ${await stage.data('big-1').sqld()} "${out}"`;

/** A restore of the big tables by `gunzip | sqlite3`. */
export function peerReplay(id: string, title: string): Contestant {
	return {
		id,
		title,
		data: 'big-1',
		async run(stage) {
			const dump = await stage.data('big-1').dump();
			const path = stage.newPath('replayed.db');
			const shell = `gunzip -c "${dump}" | sqlite3 -bail "${path}"`;
			const { seconds, cpuSeconds } = await stage.processes.run({ title, shell });
			await claimRows(`file:${path}`, (await stage.data('big-1').reference()).rows);
			await rm(path);
			return { seconds, cpuSeconds, peakMb: null, wire: null };
		},
	};
}

export interface InsertOptions {
	readonly rowsAStatement: number;
	/** Each so many-th row only. */
	readonly every: number;
	readonly through?: Slowness;
}

/** A restore of the big tables into sqld by VALUES, one statement after another. */
export function peerInsert(id: string, title: string, { rowsAStatement, every, through }: InsertOptions): Contestant {
	return {
		id,
		title,
		data: 'big-1',
		part: 1 / every,
		async run(stage) {
			const [lines, file] = [await stage.data('big-1').jsonLines(), await stage.data('big-1').file()];
			const target = await stage.startSqld();
			const network = through && (await stage.network(through));
			const url = (await network?.aim(target.url)) ?? target.url;
			const shell = `${node('insert-rows')} "${lines}" "${file}" ${url} ${rowsAStatement} ${every}`;
			const { seconds, cpuSeconds, peakMb } = await stage.processes.run({ title, shell });
			const wire = (await network?.passed()) ?? null;
			await claimRows(target.url, Math.ceil((await stage.data('big-1').reference()).rows / every));
			await target.close();
			return { seconds, cpuSeconds, peakMb, wire };
		},
	};
}

async function claimRows(url: string, rows: number): Promise<void> {
	const client = createClient({ url });
	try {
		const counted = await client.execute('SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM objects) AS n');
		if (counted.rows[0]?.n !== rows) throw new Error(`${url} has ${counted.rows[0]?.n} rows instead of ${rows}`);
	} finally {
		client.close();
	}
}
