import { runCommand } from '../lib/cli/command';

await runCommand(
	{
		name: 'npx tsx scripts/mirror-media.ts',
		summary: 'Copy to a mirror what it lacks of the Blob store of media. Without --confirm, only show it.',
		arguments: [{ name: 'MIRROR', summary: 'a folder, or the name of a copy' }],
		options: {
			confirm: { kind: 'flag', summary: 'do it' },
		},
		notes: ['Only what is new or changed; what has changed is put beside what was there. Nothing is ever deleted.'],
		async run({ arguments: { MIRROR }, options, config, signal, cwd, isJson, write }) {
			const { mirrorMedia } = await import('../lib/jobs/media/mirror');
			const { listEntries, showMirrored, showMirroredBlob } = await import('../lib/cli/show-media');
			const list = listEntries({ isJson, write }, showMirroredBlob);
			const { error, ...mirrored } = await mirrorMedia({
				config: await config(),
				cwd,
				mirror: MIRROR,
				confirm: options.confirm,
				onBlob: list.take,
				signal,
			});
			const listed = list.entries.map((entry) => ({ ...entry, error: entry.error?.message ?? null }));
			return {
				data: { status: options.confirm ? 'done' : 'dry-run', ...mirrored, listed },
				text: () => showMirrored({ ...mirrored, error }),
				...(error && { error }),
			};
		},
	},
	process,
);
