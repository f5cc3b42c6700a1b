import { FROM, IDENTITY, sayUnreachable } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/verify-backup.ts',
		summary: 'Check that a backup is whole: every byte, count and digest.',
		arguments: [{ name: 'BACKUP', summary: 'a file, an id from list-backups, or latest' }],
		options: {
			from: FROM,
			identity: IDENTITY,
			drill: { kind: 'flag', summary: 'restore it into a scratch database and compare, too' },
		},
		async run({ arguments: { BACKUP }, options, config, signal, progress, cwd, say, ask }) {
			const { verify } = await import('../lib/jobs/verify');
			const { showVerified, verifiedData } = await import('../lib/cli/show-verified');
			const result = await verify({
				backup: BACKUP,
				from: options.from,
				onUnreachable: sayUnreachable(say),
				config: await config(),
				identity: options.identity,
				ask,
				cwd,
				drill: options.drill,
				signal,
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
			});
			return { data: verifiedData(result), text: () => showVerified(result) };
		},
	},
	process,
);
