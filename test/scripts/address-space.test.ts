import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { commandLine, environmentOf } from '../support/cli';
import { recordOutput } from '../support/secrets';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
/** Enough for Node and tsx, and for fewer of our WebAssembly memories than a backup has; in kB, as `ulimit` has it. */
const LIMIT_KB = 32 * 1024 * 1024;
const WITHOUT_GUARDS = '--disable-wasm-trap-handler';

const backup = (env: Record<string, string> = {}) => {
	const words = commandLine('backup-turso', ['--write', '--json']);
	const ran = spawnSync('bash', ['-c', `ulimit -v ${LIMIT_KB} && exec "$@"`, 'bash', ...words], {
		cwd: workspace.folder,
		env: environmentOf(env),
		encoding: 'utf8',
	});
	recordOutput('the output of backup-turso', ran.stdout + ran.stderr);
	return { exit: ran.status, answer: JSON.parse(ran.stdout) };
};

// Other systems do not limit it.
describe.skipIf(process.platform !== 'linux')('a backup in little address space', () => {
	it('fails by a code that says so, and leaves nothing', async () => {
		const { exit, answer } = backup();
		expect([exit, answer.error.code]).toEqual([1, 'MEMORY_SHORT']);
		expect(answer.error.hint).toContain(WITHOUT_GUARDS);
		const files = await readdir(workspace.folder, { recursive: true });
		expect(files.filter((path) => path.includes('backup-'))).toEqual([]);
	});

	it.skipIf(!process.allowedNodeEnvironmentFlags.has(WITHOUT_GUARDS))('is made as the hint says', () => {
		const { exit, answer } = backup({ NODE_OPTIONS: WITHOUT_GUARDS });
		expect([exit, answer.status]).toEqual([0, 'done']);
	});
});
