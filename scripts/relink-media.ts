import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/relink-media.ts',
		summary:
			'Upload from a mirror what the Blob store has lost, and put the new URLs into the database. Without --confirm, only show it.',
		arguments: [{ name: 'MIRROR', summary: 'a folder, or the name of a copy' }],
		options: {
			to: { kind: 'text', value: 'URL', summary: 'this database (else RESTORE_DATABASE_URL, TURSO_DATABASE_URL)' },
			confirm: { kind: 'flag', summary: 'do it' },
		},
		notes: ['Nothing is written over or deleted. Exit code 4 if the mirror lacks some of it.'],
		async run({ arguments: { MIRROR }, options, config, signal, cwd, isJson, write }) {
			const { relinkMedia } = await import('../lib/jobs/media/relink');
			const { listEntries, missingError, showRelinked, showRelinkedBlob } = await import('../lib/cli/show-media');
			const list = listEntries({ isJson, write }, showRelinkedBlob);
			const result = await relinkMedia({
				config: await config(),
				cwd,
				mirror: MIRROR,
				to: options.to,
				confirm: options.confirm,
				onBlob: list.take,
				signal,
			});
			const error = missingError(result.lost, 'look for them in another mirror');
			return {
				data: { status: options.confirm ? 'done' : 'dry-run', ...result, blobs: list.entries },
				text: () => showRelinked(result),
				...(error && { error }),
			};
		},
	},
	process,
);
