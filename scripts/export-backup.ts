import { FROM, IDENTITY, sayUnreachable } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';
import { UsageError } from '../lib/cli/usage-error';

await runCommand(
	{
		name: 'npx tsx scripts/export-backup.ts',
		summary: 'Export a backup for other tools: an SQL script, an SQLite database file, JSON, or CSV files.',
		arguments: [{ name: 'BACKUP', summary: 'a file, an id from list-backups, or latest' }],
		options: {
			from: FROM,
			format: { kind: 'choice', choices: ['sql', 'sqlite', 'json', 'csv'], summary: 'what to make of it' },
			out: {
				kind: 'text',
				value: 'PATH',
				summary: 'the file to write, or the folder for csv; sql and json go to stdout without it',
			},
			identity: IDENTITY,
			allowFunctions: {
				kind: 'list',
				value: 'NAMES',
				summary: 'for sql and sqlite: let through a schema that uses these functions or modules, though they could act',
			},
		},
		notes: ['docs/export.md says how each format writes values, and what it cannot carry.'],
		async run({ arguments: { BACKUP }, options, config, signal, progress, cwd, say, write, isJson, ask }) {
			const { format } = options;
			if (format === undefined) throw new UsageError('say --format sql, sqlite, json or csv');
			const toStdout = options.out === undefined;
			if (toStdout && (format === 'sqlite' || format === 'csv')) throw new UsageError(`--format ${format} needs --out`);
			if (toStdout && isJson) throw new UsageError('--json needs --out, as the export itself goes to stdout');
			const { resolve } = await import('node:path');
			const { exportBackup } = await import('../lib/jobs/export');
			const { showExport, showNotes } = await import('../lib/cli/show-export');
			const exported = await exportBackup({
				backup: BACKUP,
				from: options.from,
				onUnreachable: sayUnreachable(say),
				config: await config(),
				identity: options.identity,
				ask,
				cwd,
				format: format as 'sql' | 'sqlite' | 'json' | 'csv',
				out: options.out === undefined ? null : resolve(cwd, options.out),
				allowFunctions: new Set(options.allowFunctions.map((name) => name.toLowerCase())),
				write,
				signal,
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
			});
			if (!toStdout) return { data: { status: 'done', ...exported }, text: () => showExport(exported) };
			for (const line of showNotes(exported.notes)) say(line);
			return { data: null, text: '' };
		},
	},
	process,
);
