import { afterAll, expect } from 'vitest';

/** A secret's last piece: random, so that no part of it turns up by chance. */
const TAILS = {
	CRON_SECRET: 'Kq7ZpW3vXn9TbR5mYd2LhF8s',
	TURSO_AUTH_TOKEN: 'uJ4cGx6QeVw1NtB8oPyS7zKa',
	RESTORE_AUTH_TOKEN: 'mD9rHf2WkXq5ZsLb3TvCy6Ug',
	BLOB_READ_WRITE_TOKEN: 'aE8nRj5YtMw3CxVo7PzQd1Hi',
	HEALTH_SECRET: 'wB6kNs4XuGe2RvTz9QyMf5Jc',
	STATUS_PASSWORD: 'eY3gTz8VkQr6WmLd2JpXs9Bn',
} as const;

/** The secrets that the end-to-end and script tests put into environments. sqld takes any token. */
export const SECRETS = {
	CRON_SECRET: `cron-${TAILS.CRON_SECRET}`,
	TURSO_AUTH_TOKEN: `eyJhbGciOiJFZERTQSJ9.e30.${TAILS.TURSO_AUTH_TOKEN}`,
	RESTORE_AUTH_TOKEN: `eyJhbGciOiJFZERTQSJ9.e30.${TAILS.RESTORE_AUTH_TOKEN}`,
	BLOB_READ_WRITE_TOKEN: `vercel_blob_rw_teststore0000000_${TAILS.BLOB_READ_WRITE_TOKEN}`,
	HEALTH_SECRET: `health-${TAILS.HEALTH_SECRET}`,
} as const;

/** The password of the status page. Not among the others: without it there is no page. */
export const STATUS_PASSWORD = `status-${TAILS.STATUS_PASSWORD}`;

const ALL: Readonly<Record<string, string>> = { ...SECRETS, STATUS_PASSWORD };

/** Shorter pieces of a secret may stand anywhere. */
const PIECE_LENGTH = 12;

const PIECES = Object.entries(TAILS).flatMap(([variable, tail]) => {
	const pieces = Array.from({ length: tail.length - PIECE_LENGTH + 1 }, (_, at) => tail.slice(at, at + PIECE_LENGTH));
	const secret = Buffer.from(ALL[variable] as string);
	const base64 = secret.toString('base64').replace(/=+$/, '').slice(0, -2);
	return [...pieces, base64, secret.toString('hex')].map((piece) => ({ variable, piece }));
});

const records: { readonly what: string; readonly text: string }[] = [];

/** The names of the variables of whose test secrets `text` holds a piece. */
export function secretsIn(text: string): string[] {
	return [...new Set(PIECES.filter(({ piece }) => text.includes(piece)).map(({ variable }) => variable))];
}

/** Keeps an output of the code under test, to be searched for secrets when the test file ends. */
export function recordOutput(what: string, text: string): void {
	records.push({ what, text });
}

// In every test file that starts a server or a script by way of the supports.
afterAll(() => {
	const leaks = records.flatMap(({ what, text }) => secretsIn(text).map((variable) => `${variable} in ${what}`));
	expect(leaks).toEqual([]);
	expect(records.length).toBeGreaterThan(0);
});
