import { rm } from 'node:fs/promises';
import { checkBackup } from './check';
import type { Contestant, RunOptions } from './contestant';
import { script } from './tsx';

export interface BackupOptions extends RunOptions {
	readonly from: 'file' | 'sqld';
	/** Not at all, by default. */
	readonly proof?: 'restore' | 'none';
}

/** A backup by `scripts/backup-turso.ts` into a local file. */
export function backup(
	id: string,
	title: string,
	{ data, from, proof = 'none', through, isSealed = false, atMost }: BackupOptions,
): Contestant {
	return {
		id,
		title,
		data,
		atMost,
		async run(stage) {
			const own = from === 'file' ? `file:${await stage.data(data).file()}` : await stage.data(data).sqld();
			const network = through && (await stage.network(through));
			const url = (await network?.aim(own)) ?? own;
			const out = stage.newPath('backup.ndjson.gz');
			const { seconds, cpuSeconds, peakMb } = await stage.processes.run({
				title,
				shell: `${script('backup-turso')} --proof ${proof} --out "${out}"`,
				env: { TURSO_DATABASE_URL: url, ...(isSealed && { BACKUP_AGE_RECIPIENTS: (await stage.keyPair()).recipient }) },
			});
			const wire = (await network?.passed()) ?? null;
			await checkBackup(stage, out, data);
			await Promise.all([out, out.replace(/\.ndjson\.gz$/, '.json')].map((path) => rm(path)));
			return { seconds, cpuSeconds, peakMb, wire };
		},
	};
}
