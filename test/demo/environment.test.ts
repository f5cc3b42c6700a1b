import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanEnvironment, withoutEnvFiles } from '../../scripts/demo/environment';

it("keeps a developer's own variables from the children", () => {
	const env = cleanEnvironment({ PATH: '/bin', TURSO_AUTH_TOKEN: 'x', NODE_OPTIONS: '--x', TMPDIR: '/tmp' }, '/own');
	expect(env).toEqual({ PATH: '/bin', TMPDIR: '/own', TEMP: '/own', TMP: '/own' });
});

it('empties every variable that the .env files of the checkout may set', () => {
	const root = mkdtempSync(join(tmpdir(), 'demo-env-'));
	try {
		expect(withoutEnvFiles(root)).toEqual({});
		writeFileSync(join(root, '.env'), '# A=1\nBACKUP_NAME=own\n  export BACKUP_PROOF = none\n');
		writeFileSync(join(root, '.env.local'), 'TURSO_AUTH_TOKEN="a=b"\r\nVERCEL: 1\n');
		writeFileSync(join(root, '.env.development'), 'NOT_READ=1\n');
		expect(withoutEnvFiles(root)).toEqual({ BACKUP_NAME: '', BACKUP_PROOF: '', TURSO_AUTH_TOKEN: '', VERCEL: '' });
	} finally {
		rmSync(root, { recursive: true, force: true });
	}
});
