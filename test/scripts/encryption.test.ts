import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { age, HAS_AGE } from '../support/age';
import { commandLine, environmentOf } from '../support/cli';
import { buildTorture, CHINOOK, describeWithShared, differences, FIDELITY_MS } from '../support/fixtures-fidelity';
import { ROW_COUNT, Workspace } from './workspace';

const workspace = Workspace.forFile();
const FOLDER = 'backups/shop.db';
/** A folder outside of any repository, for keys. */
let keys: string;
/** Of the first key pair: what `keys` has printed. */
let first: { path: string; recipient: string };
const keyPath = (name: string) => join(keys, name);

async function newKey(name: string, ...words: string[]): Promise<{ path: string; recipient: string }> {
	const run = await workspace.run('keys', ['--out', keyPath(name), '--json', ...words]);
	expect([run.exit, run.stderr]).toEqual([0, '']);
	return run.json();
}

/** Makes a backup that is sealed to recipients; returns its manifest, and the path of its data. */
async function backUp(...recipients: string[]) {
	const run = await workspace.run('backup-turso', ['--write', '--json'], {
		BACKUP_AGE_RECIPIENTS: recipients.join(','),
	});
	expect([run.exit, run.stderr]).toEqual([0, '']);
	const { id } = run.json().backup;
	const manifest = JSON.parse(await readFile(workspace.path(FOLDER, `${id}.json`), 'utf8'));
	return { id, manifest, file: workspace.path(FOLDER, manifest.object.name) };
}

const codeOf = async (run: ReturnType<Workspace['run']>) => {
	const { exit, json } = await run;
	return [exit, json().error?.code];
};

beforeAll(async () => {
	keys = await mkdtemp(join(tmpdir(), 'lifeboat-keys-'));
	first = await newKey('first.txt');
});
afterAll(() => rm(keys, { recursive: true, force: true }));

describe('keys', () => {
	it('makes an identity that only its owner can read, and prints the recipient', async () => {
		const { mode } = await stat(first.path);
		expect(mode & 0o777).toBe(0o600);
		const text = await readFile(first.path, 'utf8');
		expect(text).toMatch(/^# created: .*\n# public key: age1[0-9a-z]+\nAGE-SECRET-KEY-1[0-9A-Z]+\n$/);
		expect(text).toContain(first.recipient);
		const quantum = await newKey('quantum.txt', '--post-quantum');
		expect(quantum.recipient).toMatch(/^age1pq1/);
		const shown = await workspace.run('keys', ['--out', keyPath('shown.txt')]);
		expect(shown.stdout).toContain('BACKUP_AGE_RECIPIENTS=age1');
		expect(shown.stdout).not.toContain('AGE-SECRET');
	});

	it('puts it into the home folder unless told otherwise', async () => {
		const run = await workspace.run('keys', ['--json'], { HOME: keyPath('home') });
		expect(run.exit).toBe(0);
		expect(run.json().path.startsWith(keyPath('home/.config/lifeboat/identity-'))).toBe(true);
		expect((await stat(keyPath('home/.config/lifeboat'))).mode & 0o777).toBe(0o700);
	});

	it('overwrites nothing, and puts none into a repository', async () => {
		const before = await readFile(first.path);
		expect(await codeOf(workspace.run('keys', ['--out', first.path, '--json']))).toEqual([3, 'OUTPUT_EXISTS']);
		expect(await readFile(first.path)).toEqual(before);
		const inside = join(import.meta.dirname, 'identity.txt');
		expect(await codeOf(workspace.run('keys', ['--out', inside, '--json']))).toEqual([2, 'USAGE_INVALID']);
		await expect(stat(inside)).rejects.toMatchObject({ code: 'ENOENT' });
		// Nor through a link into one, as that of people who keep their settings in one.
		await mkdir(keyPath('settings/.git'), { recursive: true });
		await symlink(keyPath('settings'), keyPath('.config'));
		const linked = workspace.run('keys', ['--json'], { HOME: keys });
		expect(await codeOf(linked)).toEqual([2, 'USAGE_INVALID']);
		expect(await readdir(keyPath('settings'))).toEqual(['.git']);
	});

	it.runIf(HAS_AGE)('makes what the age tools read, and reads what they make', async () => {
		expect((await age('age-keygen', '-y', first.path)).trim()).toBe(first.recipient);
		await age('age-keygen', '-o', keyPath('tool.txt'));
		const recipient = (await age('age-keygen', '-y', keyPath('tool.txt'))).trim();
		const { id } = await backUp(recipient);
		const run = await workspace.run('verify-backup', [id, '--identity', keyPath('tool.txt'), '--json']);
		expect([run.exit, run.json().rows]).toEqual([0, ROW_COUNT]);
	});
});

describe('a sealed backup', () => {
	let sealed: Awaited<ReturnType<typeof backUp>>;
	beforeAll(async () => {
		sealed = await backUp(first.recipient);
	});

	it('is one by its name, its manifest and its bytes, and proven before it was sealed', async () => {
		const { id, manifest, file } = sealed;
		expect(manifest).toMatchObject({
			object: { name: `${id}.ndjson.gz.age`, recipients: [first.recipient] },
			proof: { kind: 'restored', of: 'stream', notes: [] },
		});
		const bytes = await readFile(file);
		expect(bytes.toString('latin1', 0, 21)).toBe('age-encryption.org/v1');
		expect(bytes.length).toBe(manifest.object.bytes);
		const { stdout } = await workspace.run('list-backups', []);
		expect(stdout).toContain('sealed');
	});

	it('is opened by its identity: verified, restored and exported', async () => {
		const { id, file } = sealed;
		const identity = ['--identity', first.path, '--json'];
		for (const wanted of [id, file]) {
			const verified = await workspace.run('verify-backup', [wanted, '--drill', ...identity]);
			expect([verified.exit, verified.json()]).toMatchObject([
				0,
				{ rows: ROW_COUNT, hasManifest: true, drill: { notes: [] }, recipients: [first.recipient] },
			]);
		}
		const restored = await workspace.run('restore-turso', [id, '--to', 'file:again.db', '--confirm', ...identity]);
		expect([restored.exit, restored.stderr]).toEqual([0, '']);
		expect(await workspace.rows('again.db', 'SELECT count(*) FROM users')).toEqual([[3]]);
		const exported = await workspace.run('export-backup', [id, '--format', 'sql', '--identity', first.path]);
		expect([exported.exit, exported.stdout]).toEqual([0, expect.stringContaining('Zoë')]);
		const byVariable = { BACKUP_AGE_IDENTITY: (await readFile(first.path, 'utf8')).split('\n')[2] as string };
		const checked = await workspace.run('verify-backup', ['latest', '--json'], byVariable);
		expect([checked.exit, checked.stderr]).toEqual([0, '']);
	});

	it('is opened by nothing else, and says what is needed', async () => {
		const { id } = sealed;
		const other = await newKey('other.txt');
		await writeFile(keyPath('empty.txt'), '# nothing\n');
		await writeFile(keyPath('none.txt'), 'not a key\n');
		for (const command of [
			['verify-backup', id],
			['restore-turso', id, '--to', 'file:never.db', '--confirm'],
			['export-backup', id, '--format', 'json', '--out', 'never.json'],
		]) {
			const [name = '', ...words] = [...command, '--json'];
			const code = (...more: string[]) => codeOf(workspace.run(name, [...words, ...more]));
			expect(await code()).toEqual([2, 'KEY_NEEDED']);
			expect(await code('--identity', other.path)).toEqual([2, 'KEY_WRONG']);
		}
		const verify = (path: string) => codeOf(workspace.run('verify-backup', [id, '--identity', path, '--json']));
		expect(await verify(keyPath('nowhere.txt'))).toEqual([2, 'KEY_NEEDED']);
		expect(await verify(keyPath('empty.txt'))).toEqual([2, 'KEY_WRONG']);
		expect(await verify(keyPath('none.txt'))).toEqual([2, 'KEY_WRONG']);
		for (const words of [[], ['--identity', other.path]]) {
			const run = await workspace.run('verify-backup', [id, ...words]);
			expect(run.stderr).toContain(first.recipient);
			expect(run.stderr).not.toMatch(/^ +at /m);
		}
		expect(await workspace.files()).not.toContain('never.db');
		expect(await workspace.files()).not.toContain('never.json');
		// Fifteen scripts.
	}, 180_000);

	it('is not opened by all that the deployment knows', async () => {
		const env = {
			VERCEL: '1',
			VERCEL_ENV: 'production',
			BLOB_READ_WRITE_TOKEN: 'vercel_blob_rw_test_only',
			BACKUP_AGE_RECIPIENTS: first.recipient,
		};
		expect(await codeOf(workspace.run('verify-backup', [sealed.file, '--json'], env))).toEqual([2, 'KEY_NEEDED']);
		// And it is not to know more.
		const identity = (await readFile(first.path, 'utf8')).split('\n')[2] as string;
		const told = await workspace.run('verify-backup', [sealed.file, '--json'], {
			...env,
			BACKUP_AGE_IDENTITY: identity,
		});
		expect([told.exit, told.json().error]).toMatchObject([2, { code: 'CONFIG_INVALID' }]);
		expect(told.stdout + told.stderr).not.toContain(identity);
	});

	it('is damaged when a bit of it is turned', async () => {
		await workspace.damage(sealed.file, 'damaged.ndjson.gz.age');
		const run = workspace.run('verify-backup', ['./damaged.ndjson.gz.age', '--identity', first.path, '--json']);
		expect(await codeOf(run)).toEqual([4, 'BACKUP_DAMAGED']);
	});

	it.runIf(HAS_AGE)('is opened by the age tool, and one that the tool has sealed is restored', async () => {
		const opened = keyPath('opened.ndjson.gz');
		await age('age', '--decrypt', '-i', first.path, '-o', opened, sealed.file);
		const lines = gunzipSync(await readFile(opened))
			.toString()
			.split('\n');
		expect(JSON.parse(lines[0] as string)).toMatchObject({ kind: 'header', id: sealed.id });
		const byTool = workspace.path('by-tool.age');
		await age('age', '-r', first.recipient, '-o', byTool, opened);
		const words = ['./by-tool.age', '--to', 'file:by-tool.db', '--confirm', '--identity', first.path, '--json'];
		const restored = await workspace.run('restore-turso', words);
		expect([restored.exit, restored.stderr]).toEqual([0, '']);
		await age('age', '--armor', '-r', first.recipient, '-o', workspace.path('armored.age'), opened);
		const armored = workspace.run('verify-backup', ['./armored.age', '--identity', first.path, '--json']);
		expect(await codeOf(armored)).toEqual([4, 'FORMAT_UNKNOWN']);
	});
});

describeWithShared('Chinook and the torture database, sealed', () => {
	it.each(['Chinook', 'torture'])(
		'%s: is restored bit by bit, and drilled',
		async (name) => {
			const database = workspace.path(`${name}.db`);
			if (name === 'Chinook') await copyFile(CHINOOK, database);
			else await buildTorture(`file:${database}`);
			const out = workspace.path(`${name}.ndjson.gz.age`);
			const made = await workspace.run('backup-turso', ['--out', out, '--json'], {
				TURSO_DATABASE_URL: `file:${database}`,
				BACKUP_AGE_RECIPIENTS: first.recipient,
			});
			expect([made.exit, made.json().backup]).toMatchObject([0, { proof: 'restored', proofOf: 'stream' }]);
			const identity = ['--identity', first.path, '--json'];
			const drilled = await workspace.run('verify-backup', [out, '--drill', ...identity]);
			expect([drilled.exit, drilled.json().drill]).toEqual([0, { notes: [] }]);
			const copy = `file:${workspace.path(`${name}-copy.db`)}`;
			const restored = await workspace.run('restore-turso', [out, '--to', copy, '--confirm', ...identity]);
			expect([restored.exit, restored.stderr]).toEqual([0, '']);
			expect(await differences(`file:${database}`, copy)).toEqual([]);
		},
		FIDELITY_MS,
	);
});

describe('another key', () => {
	it('takes the place of the first: old backups are opened by the old, new ones by the new', async () => {
		const second = await newKey('second.txt', '--post-quantum');
		const old = await backUp(first.recipient);
		const between = await backUp(first.recipient, second.recipient);
		const after = await backUp(second.recipient);
		const both = keyPath('both.txt');
		await writeFile(both, (await readFile(first.path, 'utf8')) + (await readFile(second.path, 'utf8')));
		const exits = (path: string) =>
			Promise.all(
				[old, between, after].map(async ({ id }) => {
					const run = await workspace.run('verify-backup', [id, '--identity', path, '--json']);
					return run.exit;
				}),
			);
		expect(await exits(first.path)).toEqual([0, 0, 2]);
		expect(await exits(second.path)).toEqual([2, 0, 0]);
		expect(await exits(both)).toEqual([0, 0, 0]);
		const check = (path: string) => workspace.run('keys', ['--check', '--identity', path, '--json']);
		expect((await check(second.path)).json()).toMatchObject({ status: 'opened', backup: after.id, rows: ROW_COUNT });
		expect(await codeOf(check(first.path))).toEqual([2, 'KEY_WRONG']);
	}, 180_000);

	it('is not proven by a backup that is not sealed', async () => {
		await workspace.run('backup-turso', ['--write', '--proof', 'none']);
		const run = workspace.run('keys', ['--check', '--identity', first.path, '--json']);
		expect(await codeOf(run)).toEqual([2, 'USAGE_INVALID']);
	});
});

describe('an identity that is sealed by a passphrase', () => {
	const PASSPHRASE = 'correct horse battery';

	/** Runs a script on a terminal, and types lines as soon as a question ends in a colon. */
	const onTerminal = (name: string, words: readonly string[], answers: readonly string[]) =>
		answering(commandLine(name, words), answers);

	async function answering(command: readonly string[], answers: readonly string[]) {
		const line = command.map((word) => `'${word}'`);
		const child = spawn('script', ['-qec', line.join(' '), '/dev/null'], {
			cwd: workspace.path(),
			env: environmentOf({ TERM: 'dumb' }),
		});
		const left = [...answers];
		let output = '';
		child.stdout.on('data', (chunk) => {
			output += chunk;
			if (/: $/.test(stripVTControlCharacters(output)) && left.length > 0) child.stdin.write(`${left.shift()}\r`);
		});
		const exit = await new Promise((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		return { exit, output };
	}

	it('is made and used on a terminal, where the passphrase is not shown', async () => {
		const path = keyPath('protected.txt');
		const made = await onTerminal('keys', ['--out', path, '--passphrase'], [PASSPHRASE, PASSPHRASE]);
		expect(made).toMatchObject({ exit: 0, output: expect.stringContaining('recipient  age1') });
		const recipient = /BACKUP_AGE_RECIPIENTS=(age1[0-9a-z]+)/.exec(made.output)?.[1] as string;
		const { id } = await backUp(recipient);
		const opened = await onTerminal('verify-backup', [id, '--identity', path], [PASSPHRASE]);
		expect(opened).toMatchObject({ exit: 0, output: expect.stringContaining('whole') });
		const wrong = await onTerminal('verify-backup', [id, '--identity', path], ['wrong horse battery']);
		expect(wrong.exit).toBe(2);
		for (const { output } of [made, opened, wrong]) expect(output).not.toContain('horse');
		// Where there is no terminal, nobody can be asked.
		const run = workspace.run('verify-backup', [id, '--identity', path, '--json']);
		expect(await codeOf(run)).toEqual([2, 'KEY_NEEDED']);
	}, 180_000);

	it.runIf(HAS_AGE)(
		'is opened by the age tool, and one that the tool has sealed is used',
		async () => {
			const [ours, plain, theirs] = [keyPath('ours.txt'), keyPath('plain.txt'), keyPath('theirs.txt')];
			const made = await onTerminal('keys', ['--out', ours, '--passphrase'], [PASSPHRASE, PASSPHRASE]);
			expect(made.exit).toBe(0);
			expect((await answering(['age', '--decrypt', '-o', plain, ours], [PASSPHRASE])).exit).toBe(0);
			const recipient = (await age('age-keygen', '-y', plain)).trim();
			expect(made.output).toContain(recipient);
			const again = await answering(['age', '--passphrase', '-o', theirs, plain], [PASSPHRASE, PASSPHRASE]);
			expect(again.exit).toBe(0);
			const { id } = await backUp(recipient);
			for (const path of [ours, theirs]) {
				const copy = workspace.path(`${id}-${path === ours ? 'ours' : 'theirs'}.db`);
				const words = [id, '--to', `file:${copy}`, '--confirm', '--identity', path];
				expect((await onTerminal('restore-turso', words, [PASSPHRASE])).exit).toBe(0);
			}
		},
		180_000,
	);

	it('is not made where the two passphrases differ', async () => {
		const path = keyPath('differ.txt');
		const made = await onTerminal('keys', ['--out', path, '--passphrase'], [PASSPHRASE, 'another horse']);
		expect(made.exit).toBe(2);
		await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
		expect(await codeOf(workspace.run('keys', ['--out', path, '--passphrase', '--json']))).toEqual([
			2,
			'USAGE_INVALID',
		]);
	});
});
