import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Workspace } from './workspace';

const workspace = Workspace.forFile();
const [KEY_A, KEY_B] = ['alpha-9fKq2vWc7ZpXn3Tb', 'bravo-5mYd8LhFsRt6UjQe'];
const NAMED = { BACKUP_KEY_FINGERPRINTS: 'PROVARA_MASTER_KEY,SESSION_KEY', BACKUP_NAME: 'keys' };
const SAID = /^WARNING: this backup was made under another PROVARA_MASTER_KEY/m;

describe('a backup that depends on a key', { timeout: 120_000 }, () => {
	const run = async (name: string, words: readonly string[], env: Record<string, string>) => {
		const ran = await workspace.run(name, words, { ...NAMED, ...env });
		for (const key of [KEY_A, KEY_B]) expect(ran.stdout + ran.stderr).not.toContain(key);
		return ran;
	};
	const statesOf = (ran: Awaited<ReturnType<typeof run>>) =>
		ran.json().keys.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`);

	it('says whether it was made under the one that is set here', async () => {
		const made = await run('backup-turso', ['--write', '--json'], { PROVARA_MASTER_KEY: KEY_A });
		expect(made.json().backup).toMatchObject({ keys: ['PROVARA_MASTER_KEY'], unsetKeys: ['SESSION_KEY'] });
		expect(made.stderr).toMatch(/SESSION_KEY .*not set/);
		const manifest = await readFile(workspace.path(`backups/keys/${made.json().backup.id}.json`), 'utf8');
		expect(manifest).not.toContain(KEY_A);
		expect(JSON.parse(manifest).keys).toMatchObject({
			kdf: 'scrypt',
			fingerprints: [{ name: 'PROVARA_MASTER_KEY' }, { name: 'SESSION_KEY', fingerprint: null }],
		});

		const dry = ['latest', '--to', 'file:new.db', '--json'];
		const same = await run('restore-turso', dry, { PROVARA_MASTER_KEY: KEY_A });
		expect([same.exit, same.stderr, statesOf(same)]).toEqual([
			0,
			'',
			['PROVARA_MASTER_KEY same', 'SESSION_KEY unset-then'],
		]);
		const another = await run('restore-turso', dry, { PROVARA_MASTER_KEY: KEY_B, BACKUP_KEY_FINGERPRINTS: '' });
		expect([another.exit, statesOf(another)[0]]).toEqual([0, 'PROVARA_MASTER_KEY another']);
		expect(another.stderr).toMatch(SAID);
		expect(another.json().coverage.notInBackup.length).toBeGreaterThan(0);
		const forPeople = await run('restore-turso', dry.slice(0, -1), { PROVARA_MASTER_KEY: KEY_B });
		expect(forPeople.stdout).toContain('this backup was made under another PROVARA_MASTER_KEY');
		expect(forPeople.stdout).toContain('not in it');
		const unset = await run('restore-turso', dry, {});
		expect([unset.exit, statesOf(unset)[0]]).toEqual([0, 'PROVARA_MASTER_KEY unset-here']);

		// Warned of, before anything is written, and not forbidden.
		const confirmed = [...dry, '--confirm'];
		const restored = await run('restore-turso', confirmed, { PROVARA_MASTER_KEY: KEY_B });
		expect([restored.exit, restored.json().status, SAID.test(restored.stderr)]).toEqual([0, 'restored', true]);

		const listed = await run('list-backups', ['--json'], {});
		expect(listed.json().backups[0]).toMatchObject({ keys: ['PROVARA_MASTER_KEY'], coverage: { inBackup: {} } });
		const verified = await run('verify-backup', ['latest', '--json'], {});
		expect(verified.json().coverage).toEqual(listed.json().backups[0].coverage);
	});

	it('refuses names that are none', async () => {
		for (const names of ['A,,B', 'A-B', 'A,A', '1A']) {
			const ran = await run('backup-turso', ['--write', '--json'], { BACKUP_KEY_FINGERPRINTS: names });
			expect([ran.exit, ran.json().error.data]).toEqual([2, { variables: ['BACKUP_KEY_FINGERPRINTS'] }]);
		}
	});
});
