import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

await runCommand(
	{
		name: 'npx tsx scripts/keys.ts',
		summary: 'Make a key that backups are sealed to, or check that you can open them.',
		options: {
			out: { kind: 'text', value: 'FILE', summary: 'where the identity goes (else ~/.config/lifeboat/)' },
			passphrase: { kind: 'flag', summary: 'seal the identity by a passphrase, which is asked for' },
			postQuantum: { kind: 'flag', summary: 'a key that quantum computers do not open either (age 1.3 or later)' },
			check: { kind: 'flag', summary: 'prove that an identity opens the newest backup, by reading it whole' },
			identity: { kind: 'text', value: 'FILE', summary: 'with --check: the identity (else BACKUP_AGE_IDENTITY)' },
		},
		notes: ['docs/encryption.md says where to keep the identity, and how to change to another one.'],
		async run({ options, config, signal, progress, cwd, ask }) {
			const { showKey, showChecked } = await import('../lib/cli/show-key');
			if (options.check) {
				if (options.out !== undefined || options.passphrase || options.postQuantum)
					throw new UsageError('--check makes no key: it goes with --identity only');
				const { checkKey } = await import('../lib/jobs/check-key');
				const result = await checkKey({
					config: await config(),
					cwd,
					identity: options.identity,
					ask,
					signal,
					onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
					onProgress: (done) => progress.update(done),
				});
				const { backup, where, verified } = result;
				return {
					data: { status: 'opened', backup, where, rows: verified.trailer.rows, bytes: verified.counted.storedBytes },
					text: () => showChecked(result),
				};
			}
			if (options.identity !== undefined) throw new UsageError('--identity goes with --check');
			const { resolve } = await import('node:path');
			const { makeKey } = await import('../lib/jobs/make-key');
			const made = await makeKey({
				out: options.out === undefined ? null : resolve(cwd, options.out),
				isPostQuantum: options.postQuantum,
				passphrase: options.passphrase ? await newPassphrase(ask) : null,
			});
			return { data: { status: 'made', ...made }, text: () => showKey(made) };
		},
	},
	process,
);

async function newPassphrase(ask: (question: string) => Promise<string | null>): Promise<string> {
	const passphrase = await ask('new passphrase: ');
	if (passphrase === null) throw new UsageError('--passphrase asks on a terminal, and there is none');
	if (passphrase.length < 8) throw new UsageError('a passphrase has 8 characters at least');
	if ((await ask('the same again: ')) !== passphrase) throw new UsageError('the two passphrases differ');
	return passphrase;
}
