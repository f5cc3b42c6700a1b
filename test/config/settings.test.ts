import { expect, it } from 'vitest';
import { environmentSchema } from '../../lib/config/schema';
import { shownSettings } from '../../lib/config/settings';
import { recordOutput, SECRETS } from '../support/secrets';

const shownOf = (env: Record<string, string>, variable: string) => {
	const settings = shownSettings(env);
	recordOutput(`the setting ${variable}`, JSON.stringify(settings));
	return settings.find((setting) => setting.variable === variable)?.value;
};

it('has a line for each variable, and says what holds where one is not set', () => {
	const settings = shownSettings({});
	expect(settings.map(({ variable }) => variable)).toEqual(Object.keys(environmentSchema.shape));
	expect(settings.every(({ value, fallback }) => value === null && fallback !== null && !/[`\]]/.test(fallback))).toBe(
		true,
	);
	expect(settings.find(({ variable }) => variable === 'BACKUP_RETENTION')?.fallback).toBe('7d 5w 12m 7y');
});

it.each([
	['CRON_SECRET', SECRETS.CRON_SECRET, 'set'],
	['OTEL_EXPORTER_OTLP_HEADERS', `authorization=Bearer%20${SECRETS.HEALTH_SECRET}`, 'set'],
	['BACKUP_ALERT_SLACK_URL', `https://hooks.example.com/${SECRETS.HEALTH_SECRET}`, 'set'],
	['BACKUP_PROOF', SECRETS.CRON_SECRET, 'set, and not fit'],
	['TURSO_DATABASE_URL', `libsql://x.turso.io?authToken=${SECRETS.TURSO_AUTH_TOKEN}`, 'https://x.turso.io'],
	['TURSO_DATABASE_URL', `libsql://user:${SECRETS.TURSO_AUTH_TOKEN}@x.turso.io`, 'set, and not fit'],
	['TURSO_DATABASE_URL', 'file:shop.db', 'file:shop.db'],
	[
		'OTEL_EXPORTER_OTLP_ENDPOINT',
		`https://me:${SECRETS.CRON_SECRET}@otel.example.com/v1?k=${SECRETS.CRON_SECRET}`,
		'https://otel.example.com/v1',
	],
	['OTEL_EXPORTER_OTLP_ENDPOINT', `https://${SECRETS.CRON_SECRET} x`, 'set'],
	['STATUS_RUNBOOK_URL', `https://wiki.example.com/page?key=${SECRETS.CRON_SECRET}`, 'https://wiki.example.com/page'],
	['BACKUP_ELSEWHERE', ' sessions: Redis ', 'sessions: Redis'],
	['BACKUP_ALERT_IGNORE_TABLES', 'a,'.repeat(300), `${'a,'.repeat(100)}…`],
	['BACKUP_NAME', '', null],
])('shows of %s what nobody need hide', (variable, given, shown) => {
	expect(shownOf({ [variable]: given }, variable)).toBe(shown);
});

it('shows the settings of copies, as far as they are set', () => {
	const env = {
		BACKUP_COPIES: 'offsite, nas',
		BACKUP_S3_OFFSITE_BUCKET: 'bucket',
		BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY: SECRETS.CRON_SECRET,
		BACKUP_FOLDER_NAS: '/mnt/nas',
	};
	const ofCopies = shownSettings(env).slice(Object.keys(environmentSchema.shape).length);
	expect(ofCopies.map(({ variable, value, isSecret }) => [variable, value, isSecret])).toEqual([
		['BACKUP_S3_OFFSITE_BUCKET', 'bucket', false],
		['BACKUP_S3_OFFSITE_SECRET_ACCESS_KEY', 'set', true],
		['BACKUP_FOLDER_NAS', '/mnt/nas', false],
	]);
});
