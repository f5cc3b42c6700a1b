import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const { crons }: { crons: { path: string; schedule: string }[] } = JSON.parse(
	readFileSync(new URL('vercel.json', ROOT), 'utf8'),
);

it('vercel.json calls a backup each night, and a drill each month', () => {
	expect(crons).toContainEqual({ path: '/api/cron/backup', schedule: '0 2 * * *' });
	expect(crons).toContainEqual({ path: '/api/cron/drill', schedule: '0 4 1 * *' });
});

it.each(crons.map(({ path }) => path))('%s is a route that may take five minutes', (path) => {
	const route = readFileSync(new URL(`app${path}/route.ts`, ROOT), 'utf8');
	expect(route).toMatch(/export const maxDuration = 300;/);
	expect(route).toMatch(/export async function GET/);
});
