import { Secret } from '../core/secret';
import type { WatchConfig } from './config';
import type { ConfigProblem } from './problem';
import type { Environment } from './schema';

/** The settings of alerts, heartbeat and health. What is wrong is added to `problems`, and its channel left out. */
export function watchOf(values: Partial<Environment>, problems: ConfigProblem[]): WatchConfig {
	return {
		slack: toSecret(values.BACKUP_ALERT_SLACK_URL),
		webhook: webhookOf(values, problems),
		email: emailOf(values, problems),
		heartbeat: toSecret(values.BACKUP_HEARTBEAT_URL),
		rowsDropPercent: values.BACKUP_ALERT_ROWS_DROP_PERCENT ?? 50,
		sizeDropPercent: values.BACKUP_ALERT_SIZE_DROP_PERCENT ?? 50,
		ignoredTables: values.BACKUP_ALERT_IGNORE_TABLES ?? [],
		maxAgeHours: values.BACKUP_MAX_AGE_HOURS ?? 26,
		drillMaxAgeDays: values.BACKUP_DRILL_MAX_AGE_DAYS ?? 35,
		copyMaxAgeHours: values.BACKUP_COPY_MAX_AGE_HOURS ?? 26,
	};
}

function webhookOf(values: Partial<Environment>, problems: ConfigProblem[]): WatchConfig['webhook'] {
	const { BACKUP_ALERT_WEBHOOK_URL: url, BACKUP_ALERT_WEBHOOK_SECRET: secret } = values;
	if (url === undefined) return null;
	if (secret !== undefined) return { url: new Secret(url), secret: new Secret(secret) };
	blame(problems, 'BACKUP_ALERT_WEBHOOK_SECRET', 'BACKUP_ALERT_WEBHOOK_URL');
	return null;
}

function emailOf(values: Partial<Environment>, problems: ConfigProblem[]): WatchConfig['email'] {
	const { BACKUP_ALERT_EMAIL_TO: to, BACKUP_ALERT_EMAIL_FROM: from, RESEND_API_KEY: apiKey } = values;
	if (to === undefined) return null;
	if (from === undefined) blame(problems, 'BACKUP_ALERT_EMAIL_FROM', 'BACKUP_ALERT_EMAIL_TO');
	if (apiKey === undefined) blame(problems, 'RESEND_API_KEY', 'BACKUP_ALERT_EMAIL_TO');
	if (from === undefined || apiKey === undefined) return null;
	const baseUrl = (values.RESEND_BASE_URL ?? 'https://api.resend.com').replace(/\/+$/, '');
	return { apiKey: new Secret(apiKey), baseUrl, from, to };
}

function blame(problems: ConfigProblem[], variable: keyof Environment, needer: keyof Environment): void {
	// What is set and wrong has been told already.
	if (problems.some((problem) => problem.variable === variable)) return;
	problems.push({ variable, message: `is not set, and ${needer} is` });
}

function toSecret(value: string | undefined): Secret | null {
	return value === undefined ? null : new Secret(value);
}
