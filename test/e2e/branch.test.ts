import { expect, it, onTestFinished } from 'vitest';
import { givenFolder } from '../support/given-folder';
import { API_TOKEN, startTurso } from '../support/turso-server';
import { gist, givenApp, SHOP, SHOP_ROWS } from './deployment';

it('the route backs up a branch, and drops it', async () => {
	const turso = await startTurso(await givenFolder());
	onTestFinished(() => turso.close());
	await turso.add('shop', SHOP);
	const env = turso.envFor('shop');
	const { next, manifests } = await givenApp(env.TURSO_DATABASE_URL as string, { ...env, BACKUP_SOURCE: 'branch' });
	const done = await next.ask();
	expect(gist(done)).toEqual([200, 'done']);
	expect(done.body.backup).toMatchObject({ rows: SHOP_ROWS, proof: 'restored' });
	expect(done.body.backup.branchesLeft).toBeUndefined();
	expect(turso.calls.filter((call) => call.startsWith('POST /databases'))).toHaveLength(2);
	expect(turso.names()).toEqual(['shop']);
	const [manifest] = await manifests();
	expect(manifest?.source.location).toBe(new URL(env.TURSO_DATABASE_URL as string).host);
	expect(next.events().map(({ event }) => event)).toContain('branch.dropped');
	for (const text of [done.text, next.output()])
		for (const secret of [API_TOKEN, env.TURSO_AUTH_TOKEN as string]) expect(text).not.toContain(secret);
});
