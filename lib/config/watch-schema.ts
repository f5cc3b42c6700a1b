import { z } from 'zod';
import { bearer, count, isPlainUrl, secret, secretUrl, text } from './variables';

/** The variables of alerts, heartbeat and health, each valid by itself. What needs two to judge is in `watch.ts`. */
export const watchSchema = {
	BACKUP_ALERT_SLACK_URL: secretUrl(
		'The incoming webhook of Slack, or of what takes the same, that [alerts](alerts.md) are sent to.',
		{ fallback: 'none' },
	),
	BACKUP_ALERT_WEBHOOK_URL: secretUrl('The address that alerts are posted to as signed JSON.', { fallback: 'none' }),
	BACKUP_ALERT_WEBHOOK_SECRET: z
		.string()
		.refine(isWebhookSecret, 'is not whsec_ and 24 to 64 bytes in Base64')
		.optional()
		.meta({
			description: 'The key that they are signed with: `whsec_` and 24 to 64 random bytes in Base64.',
			fallback: 'none; needed with `BACKUP_ALERT_WEBHOOK_URL`',
			secret: true,
		}),
	BACKUP_ALERT_EMAIL_TO: z
		.string()
		.max(4096, 'is longer than 4096 characters')
		.transform((list) => list.split(',').map((address) => address.trim()))
		.refine((addresses) => addresses.length <= 50 && addresses.every(isAddress), 'is not a list of e-mail addresses')
		.optional()
		.meta({
			description: "Who gets alerts by e-mail, by [Resend](https://resend.com)'s API: addresses separated by commas.",
			fallback: 'nobody',
		}),
	BACKUP_ALERT_EMAIL_FROM: text(
		'Who they come from, of a domain that Resend has verified: `Lifeboat <backups@example.com>`.',
		{ fallback: 'none; needed with `BACKUP_ALERT_EMAIL_TO`' },
	),
	RESEND_API_KEY: secret("Resend's API key; the right to send is enough.", {
		fallback: 'none; needed with `BACKUP_ALERT_EMAIL_TO`',
	}),
	RESEND_BASE_URL: z
		.string()
		.refine((value) => isPlainUrl(value) && new URL(value).search === '', 'is not an http(s) URL without a query')
		.optional()
		.meta({ description: 'Where that API is.', fallback: '`https://api.resend.com`' }),
	BACKUP_ALERT_ROWS_DROP_PERCENT: count(
		'percent',
		1,
		100,
		'A table that has lost so much of its rows since the last backups is told of.',
		50,
	),
	BACKUP_ALERT_SIZE_DROP_PERCENT: count(
		'percent',
		1,
		100,
		'A backup that is smaller than the last ones by so much is told of.',
		50,
	),
	BACKUP_ALERT_IGNORE_TABLES: z
		.string()
		.max(65_536, 'is longer than 65536 characters')
		.transform((list) => list.split(',').map((name) => name.trim()))
		.optional()
		.meta({
			description: 'Tables that may lose their rows, or be gone, without an alert: names separated by commas.',
			fallback: 'none',
		}),
	BACKUP_HEARTBEAT_URL: secretUrl(
		"The address of a check at healthchecks.io, or at what keeps its convention: told of each run's start and end.",
		{ fallback: 'none' },
	),
	HEALTH_SECRET: bearer(
		'What a caller of `/api/health` must send as its bearer token to see more than the bare status, and one of `/api/metrics` at all: 16 to 512 characters.',
		{ fallback: 'none: the bare status for everyone, and no metrics' },
	),
	BACKUP_MAX_AGE_HOURS: count(
		'hours',
		1,
		100_000,
		'`/api/health` fails when the newest proven backup was begun longer ago.',
		26,
	),
	BACKUP_DRILL_MAX_AGE_DAYS: count(
		'days',
		1,
		10_000,
		'And when the newest [drill](retention-and-drills.md) was, if there is any. Drills by `vercel.json` are monthly.',
		35,
	),
	BACKUP_COPY_MAX_AGE_HOURS: count('hours', 1, 100_000, 'And when the newest backup in a copy was.', 26),
};

/** Longer ones are hashed by HMAC first, and shorter ones are weak: so says Standard Webhooks. */
function isWebhookSecret(value: string): boolean {
	const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1];
	if (base64 === undefined) return false;
	const key = Buffer.from(base64, 'base64');
	return (
		key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '') && key.length >= 24 && key.length <= 64
	);
}

function isAddress(value: string): boolean {
	return /^[^\s@,<>]+@[^\s@,<>]+$/.test(value) && value.length <= 320;
}
