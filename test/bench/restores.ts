import { rm } from 'node:fs/promises';
import { compareDatabases } from './check';
import type { Contestant, RunOptions } from './contestant';
import type { DataName } from './data';
import type { Server, Stage } from './stage';
import { script } from './tsx';

export interface RestoreOptions extends RunOptions {
	readonly into: 'file' | 'sqld';
	/** Whether what the first run has made is compared by the independent comparison, too. */
	readonly isCompared?: boolean;
}

/** A restore by `scripts/restore-turso.ts` into a new file, or a server that was started anew. */
export function restore(
	id: string,
	title: string,
	{ data, into, through, isSealed = false, isCompared = false, atMost }: RestoreOptions,
): Contestant {
	let isFirst = true;
	return {
		id,
		title,
		data,
		atMost,
		async run(stage) {
			const from = await stage.data(data).backup(isSealed);
			const target = await newTarget(stage, into);
			const network = through && (await stage.network(through));
			const url = (await network?.aim(target.url)) ?? target.url;
			const { seconds, cpuSeconds, peakMb, stdout } = await stage.processes.run({
				title,
				shell: `${script('restore-turso')} "${from}" --to "${url}" --confirm --json`,
				env: isSealed ? { BACKUP_AGE_IDENTITY: (await stage.keyPair()).identity } : {},
			});
			const wire = (await network?.passed()) ?? null;
			// That every digest is equal is what the script itself claims by its exit code.
			const { status, restored } = JSON.parse(stdout);
			const { rows, tables } = await stage.data(data).reference();
			const isWhole = restored.rows === rows && restored.tables === tables.length && restored.refusals.length === 0;
			if (status !== 'restored' || !isWhole) throw new Error(`${title} did not restore everything`);
			if (isCompared && isFirst) stage.afterwards.push(() => compare(stage, data, target));
			else await target.close();
			isFirst = false;
			return { seconds, cpuSeconds, peakMb, wire };
		},
	};
}

/** A drill by `scripts/verify-backup.ts`: the backup restored into a scratch database, and compared. */
export function drill(id: string, title: string, { isSealed }: { isSealed: boolean }): Contestant {
	return {
		id,
		title,
		data: 'big-1',
		atMost: 3,
		async run(stage) {
			const from = await stage.data('big-1').backup(isSealed);
			const { seconds, cpuSeconds, peakMb, stdout } = await stage.processes.run({
				title,
				shell: `${script('verify-backup')} "${from}" --drill --json`,
				env: isSealed ? { BACKUP_AGE_IDENTITY: (await stage.keyPair()).identity } : {},
			});
			if (JSON.parse(stdout).drill.notes.length > 0) throw new Error(`${title} did not compare everything`);
			return { seconds, cpuSeconds, peakMb, wire: null };
		},
	};
}

async function compare(stage: Stage, data: DataName, target: Server): Promise<void> {
	await compareDatabases(stage, `file:${await stage.data(data).file()}`, target.url);
	await target.close();
}

async function newTarget(stage: Stage, into: 'file' | 'sqld'): Promise<Server> {
	if (into === 'sqld') return stage.startSqld();
	const path = stage.newPath('restored.db');
	return { url: `file:${path}`, close: () => rm(path) };
}
