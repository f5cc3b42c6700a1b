import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeManifest } from '../../lib/backup/manifest';
import { loadConfig } from '../../lib/config/load';
import { newKeyPair } from '../../lib/format/age-identity';
import { readBackupView } from '../../lib/jobs/backup-view';
import { hold } from '../../lib/jobs/hold';
import type { BackupView } from '../../lib/status/view';
import { runScript } from '../support/cli';
import { recordOutput } from '../support/secrets';
import { givenJob } from './fixture';

/** A night's backup in a folder, and a copy of it in another. */
async function given(more: Record<string, string> = {}) {
	const job = await givenJob('2026-11-20T02:00:00Z', { BACKUP_COPIES: 'nas', BACKUP_FOLDER_NAS: 'nas', ...more });
	const cwd = join(job.folder, '../..');
	await mkdir(join(cwd, 'nas'));
	const result = await job.nightly();
	const id = String('backup' in result && result.backup.id);
	const env = {
		TURSO_DATABASE_URL: `file:${join(cwd, 'shop.db')}`,
		BACKUP_NAME: 'shop',
		BACKUP_STORE: 'local',
		BACKUP_LOCAL_DIR: join(cwd, 'backups'),
		BACKUP_COPIES: 'nas',
		BACKUP_FOLDER_NAS: join(cwd, 'nas'),
		...more,
	};
	const view = async (wanted = id, changed: Record<string, string> = {}) => {
		const found = await readBackupView({ ...env, ...changed }, wanted, job.context);
		recordOutput('a backup view', JSON.stringify(found));
		return found;
	};
	return { job, cwd, id, env, view };
}

/** A command as the words of its script. */
function wordsOf(command: string): [script: string, words: string[]] {
	const [npx, tsx, path = '', ...words] = command.replaceAll("'", '').split(' ');
	expect([npx, tsx]).toEqual(['npx', 'tsx']);
	return [path.replace('scripts/', '').replace('.ts', ''), words];
}

describe('the page of a backup', () => {
	it('says what its manifest says', async () => {
		const { job, id, view, cwd } = await given({ BACKUP_KEY_FINGERPRINTS: 'SOME_KEY' });
		const manifest = decodeManifest(Buffer.from(await job.read(`${id}.json`)), id);
		const config = loadConfig(
			{ BACKUP_NAME: 'shop', BACKUP_LOCAL_DIR: join(cwd, 'backups') },
			{ need: ['name', 'store'] },
		);
		await hold({ config, backup: id, reason: 'audit' }, job.context);
		const { source, object, digest, tables, proof } = manifest;
		expect(await view()).toMatchObject({
			kind: 'backup',
			readAt: '2026-11-20T02:00:00.000Z',
			point: {
				id,
				createdAt: manifest.createdAt,
				rows: manifest.rows,
				bytes: object.bytes,
				plainBytes: manifest.plainBytes,
				proof: 'restored',
				day: '2026-11-20',
				isThere: true,
				heldFor: 'audit',
			},
			source: { engine: source.engine, version: source.version, location: source.location },
			reading: manifest.reading?.by,
			object,
			digest,
			tables,
			only: null,
			proof,
			omissions: [],
			keys: [{ name: 'SOME_KEY', isSet: false }],
			media: null,
			coverage: manifest.coverage,
			copies: [
				{ name: 'primary', where: join(cwd, 'backups'), isThere: true },
				{ name: 'nas', where: join(cwd, 'nas'), isThere: true },
			],
			hold: { reason: 'audit', at: '2026-11-20T02:00:00.000Z' },
		});
	});

	it('has commands that work as they stand there', async () => {
		const { view, cwd, env, id } = await given();
		const { commands } = (await view()) as BackupView;
		expect(commands.map(({ command }) => command)).toEqual([
			`npx tsx scripts/hold.ts ${id} --reason 'why'`,
			`npx tsx scripts/verify-backup.ts ${id} --drill`,
			`npx tsx scripts/restore-turso.ts ${id} --to libsql://FRESH-DATABASE.turso.io`,
			`npx tsx scripts/restore-turso.ts ${id} --to libsql://FRESH-DATABASE.turso.io --confirm`,
		]);
		for (const { command } of commands) {
			const [script, words] = wordsOf(command.replace('libsql://FRESH-DATABASE.turso.io', 'file:copy.db'));
			expect([command, (await runScript(script, words, { cwd, env })).exit]).toEqual([command, 0]);
		}
	}, 60_000);

	it('asks for the identity of one that is sealed', async () => {
		const { recipient } = await newKeyPair(false);
		const { view } = await given({ BACKUP_AGE_RECIPIENTS: recipient });
		const { commands, object, point } = (await view()) as BackupView;
		expect(object.recipients).toEqual([recipient]);
		expect(point).toMatchObject({ isSealed: true, isThere: true });
		const reading = commands.filter(({ command }) => /verify|restore/.test(command));
		expect(reading.every(({ command }) => command.includes(' --identity identity.txt'))).toBe(true);
	});

	it('is there while one store has the backup, and says which', async () => {
		const { view, job, id, cwd } = await given();
		await rm(join(job.folder, `${id}.json`));
		const { commands, copies } = (await view()) as BackupView;
		expect(copies.map(({ name, isThere }) => [name, isThere])).toEqual([
			['primary', false],
			['nas', true],
		]);
		expect(commands[2]?.command).toContain(' --from nas');
		const away = (await view(id, { BACKUP_LOCAL_DIR: `/${'x'.repeat(300)}` })) as BackupView;
		expect(away.copies.map(({ isThere }) => isThere)).toEqual([null, true]);
		await rm(join(cwd, 'nas', 'shop', `${id}.json`));
		expect(await view()).toMatchObject({ kind: 'no-backup', id, error: { code: 'BACKUP_NOT_FOUND' } });
		expect(await view(id, { BACKUP_LOCAL_DIR: `/${'x'.repeat(300)}` })).toMatchObject({ kind: 'unreachable' });
	});

	it('says that its data is gone, and that a manifest cannot be read', async () => {
		const { view, job, id } = await given({ BACKUP_COPIES: '' });
		await rm(join(job.folder, `${id}.ndjson.gz`));
		expect(await view()).toMatchObject({ kind: 'backup', point: { isThere: false } });
		await writeFile(join(job.folder, `${id}.json`), '{}');
		expect(await view()).toMatchObject({ kind: 'no-backup', id, error: { code: 'MANIFEST_INVALID' } });
	});

	it.each(['latest', '../shop', 'backup-20261120T020000Z-ffff', '', 'x'.repeat(5_000)])(
		'is not there for %s',
		async (wanted) => {
			const { view } = await given();
			const found = await view(wanted);
			expect(found).toMatchObject({ kind: 'no-backup', error: { code: 'BACKUP_NOT_FOUND' } });
			expect(JSON.stringify(found).length).toBeLessThan(700);
		},
	);

	it('says what is not set up', async () => {
		const found = await readBackupView({ VERCEL: '1' }, 'backup-20261120T020000Z-ffff');
		expect(found.kind).toBe('misconfigured');
	});
});
