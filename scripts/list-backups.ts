import { runCommand } from '../lib/cli/command';

const MOST = 50;

await runCommand(
	{
		name: 'npx tsx scripts/list-backups.ts',
		summary: 'List the newest backups of the database, newest first.',
		options: {
			local: { kind: 'flag', summary: 'of the local folder, whatever store is configured' },
			limit: { kind: 'count', value: 'N', summary: `how many at the most (${MOST})` },
		},
		async run({ options, config, signal }) {
			const { listBackups } = await import('../lib/jobs/list');
			const { showList } = await import('../lib/cli/show-list');
			const { where, backups } = await listBackups({
				config: await config('name'),
				local: options.local,
				limit: options.limit ?? MOST,
				signal,
			});
			const data = backups.map((listed) => {
				const { id, hold } = listed;
				if ('summary' in listed) return { ...listed.summary, hold, hasData: listed.hasData };
				return { id, hold, error: { code: listed.error.code, message: listed.error.message } };
			});
			return { data: { where, backups: data }, text: () => showList(where, backups) };
		},
	},
	process,
);
