import { FROM, IDENTITY, sayUnreachable } from '../lib/cli/backup-options';
import { runCommand } from '../lib/cli/command';
import { sayTold, sayUntold } from '../lib/cli/say-told';
import { UsageError } from '../lib/cli/usage-error';

await runCommand(
	{
		name: 'npx tsx scripts/drill.ts',
		summary:
			'Rehearse a recovery: restore a backup into a scratch database, compare, time each step, and keep the report.',
		arguments: [
			{ name: 'BACKUP', summary: 'a file, an id from list-backups, or latest (the default)', optional: true },
		],
		options: {
			from: FROM,
			to: {
				kind: 'text',
				value: 'URL',
				summary: 'restore into this empty database instead of a scratch one; what is restored stays there',
			},
			identity: IDENTITY,
			allowFunctions: {
				kind: 'list',
				value: 'NAMES',
				summary: 'let through a schema that uses these functions or modules, though they could act',
			},
			report: { kind: 'text', value: 'FILE', summary: 'write the report as a page for the records, too' },
			history: { kind: 'flag', summary: 'only show the drills of the past' },
		},
		notes: [
			'Passed within BACKUP_RTO_MINUTES, and by a backup younger than BACKUP_RPO_MINUTES: docs/retention-and-drills.md.',
		],
		async run({ arguments: { BACKUP }, options, config, signal, progress, cwd, say, redact, ask }) {
			const { history, report: page, allowFunctions, ...chosen } = options;
			const { drillData, showDrill, showDrills } = await import('../lib/cli/show-drill');
			const { pastDrills } = await import('../lib/jobs/drill-past');
			if (history) {
				if (
					BACKUP !== undefined ||
					page !== undefined ||
					Object.values(chosen).some((value) => value !== undefined) ||
					allowFunctions.length > 0
				)
					throw new UsageError('--history goes alone');
				const drills = await pastDrills(await config('store', 'name'), signal);
				return { data: { drills }, text: () => showDrills(drills) };
			}
			const { resolve } = await import('node:path');
			const { runDrill } = await import('../lib/jobs/drill');
			const { tellOfDrill } = await import('../lib/jobs/tell-drill');
			const { checkFree, writeOutput } = await import('../lib/jobs/export-output');
			const path = page === undefined ? null : resolve(cwd, page);
			// Before the work, as the drill would be done in vain.
			if (path !== null) await checkFree(path);
			const set = await config();
			const outcome = await runDrill({
				config: set,
				backup: BACKUP ?? 'latest',
				...chosen,
				allowFunctions: new Set(allowFunctions.map((name) => name.toLowerCase())),
				onUnreachable: sayUnreachable(say),
				ask,
				cwd,
				trigger: 'cli',
				deadlineAt: null,
				signal,
				onPart: (part, total) => progress.start(part, total?.bytes, total?.rows),
				onProgress: (done) => progress.update(done),
				onLost: (error) => say(`the target was lost, trying again: ${(error as Error).message}`),
				onUntold: sayUntold(say),
			});
			if (path !== null) {
				const { Readable } = await import('node:stream');
				const { drillPage } = await import('../lib/cli/drill-page');
				await writeOutput(path, Readable.from([drillPage(outcome.report)]));
			}
			const told = await tellOfDrill(outcome, { config: set, redact, log: () => {} });
			sayTold(told, say);
			return {
				data: { ...drillData(outcome), ...told },
				text: () => showDrill(outcome),
				...(outcome.error === null ? {} : { error: outcome.error }),
			};
		},
	},
	process,
);
