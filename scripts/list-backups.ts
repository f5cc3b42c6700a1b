import { FROM, sayUnreachable } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

const MOST = 50;

await runCommand(
	{
		name: 'npx tsx scripts/list-backups.ts',
		summary: 'List the newest backups of the database, newest first.',
		options: {
			from: FROM,
			local: { kind: 'flag', summary: 'the same as --from local: the local folder, whatever store is configured' },
			limit: { kind: 'count', value: 'N', summary: `how many at the most (${MOST})` },
		},
		async run({ options, config, signal, say }) {
			if (options.local && options.from !== undefined) throw new UsageError('--local does not go with --from');
			const { listBackups } = await import('../lib/jobs/list');
			const { showList } = await import('../lib/cli/show-list');
			const list = await listBackups({
				config: await config('name'),
				from: options.local ? 'local' : options.from,
				onUnreachable: sayUnreachable(say),
				limit: options.limit ?? MOST,
				signal,
			});
			const backups = list.backups.map((listed) => {
				const { id, stores, hold } = listed;
				if ('summary' in listed) return { ...listed.summary, stores, hold, hasData: listed.hasData };
				return { id, stores, hold, error: { code: listed.error.code, message: listed.error.message } };
			});
			const { where, unreachable } = list;
			return { data: { where, unreachable, backups }, text: () => showList(list) };
		},
	},
	process,
);
