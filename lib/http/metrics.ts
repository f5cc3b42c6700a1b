import type { Health } from '../jobs/health-types';

interface Sample {
	readonly labels?: Readonly<Record<string, string>>;
	/** Null: not known, and left out. */
	readonly value: number | boolean | null;
}

/** The health of the backups as metrics in Prometheus's text form (0.0.4). Sizes in bytes, times in seconds. */
export function metricsOf({ status, backup, drill, copies, killedRun, alerts, summary }: Health): string {
	const families: [name: string, help: string, samples: Sample[]][] = [
		['healthy', 'Whether all is as it should be.', [{ value: status === 'ok' }]],
		['backup_age_seconds', 'Age of the newest proven backup.', [{ value: backup.ageSeconds }]],
		['backup_age_limit_seconds', 'How old it may be.', [{ value: backup.limitSeconds }]],
		['backup_duration_seconds', 'How long it took, its proof included.', [{ value: secondsOf(summary?.durationMs) }]],
		['backup_stored_bytes', 'Its size in the store.', [{ value: summary?.bytes ?? null }]],
		['backup_plain_bytes', 'Its size before compression.', [{ value: summary?.plainBytes ?? null }]],
		['backup_rows', 'Its rows.', [{ value: summary?.rows ?? null }]],
		['backup_omitted_rows', 'Rows that could not be carried.', [{ value: summary?.omittedRows ?? null }]],
		['backup_tables', 'Its tables.', [{ value: summary?.tables ?? null }]],
		['drill_age_seconds', 'Age of the newest drill.', [{ value: drill?.ageSeconds ?? null }]],
		['drill_passed', 'Whether it was a pass, and is not too old.', [{ value: drill && drill.status === 'ok' }]],
		['run_killed', 'Whether a run was killed, and no backup made since.', [{ value: killedRun !== null }]],
		['copy_age_seconds', 'Age of the newest backup in a copy.', copies.map(copyAge)],
		['copy_healthy', 'Whether a copy could be asked, and is not too old.', copies.map(copyHealth)],
		[
			'alert_delivered',
			'Whether the last alert to a channel was taken.',
			Object.entries(alerts).map(([channel, { error }]) => ({ labels: { channel }, value: error === null })),
		],
	];
	return families.map(familyText).join('');
}

function copyAge({ name, ageSeconds }: Health['copies'][number]): Sample {
	return { labels: { copy: name }, value: ageSeconds };
}

function copyHealth({ name, status }: Health['copies'][number]): Sample {
	return { labels: { copy: name }, value: status === 'ok' };
}

function secondsOf(ms: number | undefined): number | null {
	return ms === undefined ? null : ms / 1000;
}

function familyText([name, help, samples]: [string, string, Sample[]]): string {
	const lines = samples.flatMap(({ labels = {}, value }) => {
		if (value === null) return [];
		// Names of copies and channels hold nothing that would have to be escaped.
		const list = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
		return [`lifeboat_${name}${list.length > 0 ? `{${list.join(',')}}` : ''} ${Number(value)}\n`];
	});
	if (lines.length === 0) return '';
	return `# HELP lifeboat_${name} ${help}\n# TYPE lifeboat_${name} gauge\n${lines.join('')}`;
}
