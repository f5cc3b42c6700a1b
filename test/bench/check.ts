import { readFile } from 'node:fs/promises';
import { copySharedScript, hasSharedScripts } from '../support/shared-scripts';
import type { DataName } from './data';
import type { Stage } from './stage';
import { script } from './tsx';

/** Claims that the backup at `path` is whole, and holds what every backup of the data must. */
export async function checkBackup(stage: Stage, path: string, data: DataName): Promise<void> {
	await stage.processes.run({
		title: `verifying ${path}`,
		shell: `${script('verify-backup')} "${path}"`,
		env: { BACKUP_AGE_IDENTITY: (await stage.keyPair()).identity },
	});
	const manifest = JSON.parse(await readFile(path.replace(/\.ndjson\.gz$/, '.json'), 'utf8'));
	const digests = (tables: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[]) =>
		JSON.stringify(tables.map(({ name, rows, sha256 }) => [name, rows, sha256]).sort());
	const { tables } = await stage.data(data).reference();
	if (digests(manifest.tables) !== digests(tables)) throw new Error(`a backup of ${data} has other digests`);
}

/**
 * Claims that two databases are equal by the comparison that shares no code with this project. Does nothing where that
 * is not there.
 */
export async function compareDatabases(stage: Stage, a: string, b: string): Promise<void> {
	if (!hasSharedScripts()) return;
	const compare = await copySharedScript('compare.mjs');
	const { stdout } = await stage.processes.run({
		title: `comparing ${a} and ${b}`,
		shell: `"${process.execPath}" "${compare}" "${a}" "${b}"`,
	});
	stage.say(`compared by ../shared/fidelity: ${stdout.trim().split('\n').at(-1)}`);
}
