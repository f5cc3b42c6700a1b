import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigNeed } from '../../lib/config/config';
import { copySchema, isCopySecret } from '../../lib/config/copy-schema';
import { loadConfig, loadCronSecret } from '../../lib/config/load';
import { redactSecrets, SECRET_VARIABLES } from '../../lib/config/redact';
import { resolveTarget } from '../../lib/config/restore-target';
import { environmentSchema } from '../../lib/config/schema';
import { LifeboatError } from '../../lib/core/errors';
import { isObjectName } from '../../lib/store/names';
import { mutate, pick } from '../support/mutate';
import { seededRandom } from '../support/seeded-random';
import { casesOf, Tally } from '../support/tally';

const seed = 20_261_121;
const COPY_VARIABLES = [
	'BACKUP_FOLDER_OFFSITE',
	...Object.keys(copySchema.shape).map((one) => `BACKUP_S3_OFFSITE_${one}`),
];
const VARIABLES = [...Object.keys(environmentSchema.shape), ...COPY_VARIABLES];
const NEEDS: readonly ConfigNeed[] = ['database', 'restoreTarget', 'cronSecret', 'store', 'blob', 'name'];
/** Stands in every value: what is told of a value would hold it. */
const MARK = 'Kq7ZpW3v';

const VALID: Record<string, readonly string[]> = {
	TURSO_DATABASE_URL: [
		`libsql://${MARK}.turso.io`,
		`https://db.example:8080/${MARK}?authToken=${MARK}&tls=1`,
		`file:a/${MARK}%20b.db`,
		`ws://user:${MARK}@[::1]:80#${MARK}`,
	],
	RESTORE_DATABASE_URL: [`http://127.0.0.1:8080?authToken=${MARK}`, `file:///${MARK}.db`, `turso://x?tls=0&${MARK}`],
	TURSO_AUTH_TOKEN: [`eyJ.${MARK}.e30`],
	RESTORE_AUTH_TOKEN: [`eyJ.${MARK}.e31`],
	CRON_SECRET: [`cron-${MARK}-cron-secret`],
	BLOB_READ_WRITE_TOKEN: [`vercel_blob_rw_${MARK}`],
	BACKUP_STORE: ['auto', 'vercel-blob', 'local', MARK],
	BACKUP_PREFIX: ['a/b', `${MARK}/x`],
	BACKUP_NAME: [MARK],
	BACKUP_COPIES: ['offsite'],
	BACKUP_S3_OFFSITE_BUCKET: ['bucket'],
	BACKUP_S3_OFFSITE_ENDPOINT: ['https://s3.example', `https://${MARK}.example:9000/`],
	BACKUP_S3_OFFSITE_LOCK_MODE: ['GOVERNANCE'],
	BACKUP_S3_OFFSITE_LOCK_DAYS: ['30'],
	BACKUP_PROOF: ['restore', 'none', MARK],
	BACKUP_MAX_DURATION_SECONDS: ['1', '86400', `1${MARK}`],
	VERCEL: ['1'],
	VERCEL_ENV: ['production', 'development'],
};

/** Some of the variables: valid, nearly valid, or anything. */
function environment(random: () => number, anything: string): Record<string, string> {
	const env: Record<string, string> = {};
	for (const variable of VARIABLES) {
		if (random() < 0.7) continue;
		const valid = pick(random, VALID[variable] ?? [`x${MARK}`]);
		const chance = random();
		env[variable] =
			chance < 0.6 ? valid : chance < 0.9 ? mutate(Buffer.from(valid), random).toString() : `${MARK}${anything}`;
	}
	return env;
}

/** The error of an act that may fail by it; null if it did not. */
function refusalOf(act: () => unknown, code: string): LifeboatError | null {
	try {
		act();
		return null;
	} catch (error) {
		if (error instanceof LifeboatError && error.code === code) return error;
		throw error;
	}
}

const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.webUrl({ withQueryParameters: true }));

describe('the configuration', () => {
	it('of any strings is one, or names the variables that are wrong and no value', () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'Any strings as environment variables',
			provoked: 'valid values with changed bytes, and random ones',
			promised: 'a configuration whose secrets do not print, or a refusal that names variables and no value',
		});
		const property = fc.property(fc.nat(), anything, (nth, text) => {
			const random = seededRandom(nth);
			const env = environment(random, text);
			const need = NEEDS.filter(() => random() < 0.4);
			const error = refusalOf(() => {
				const config = loadConfig(env, { need, cwd: '/w' });
				for (const part of need) expect(config[part]).not.toBeNull();
				for (const name of [config.name ?? 'x', config.prefix]) expect(isObjectName(`${name}/x`)).toBe(true);
				for (const path of [config.localDir, config.scratchDir]) expect(path).not.toContain('\0');
				for (const database of [config.database, config.restoreTarget])
					if (database?.kind === 'file') expect(database.path).toMatch(/^\/[^\0]+$/);
				const shown = inspect(config, { depth: 9 }) + JSON.stringify(config);
				const isSecret = (variable: string) => SECRET_VARIABLES.includes(variable) || isCopySecret(variable);
				const secrets = VARIABLES.filter(isSecret).map((variable) => env[variable]?.trim() ?? '');
				const plain = VARIABLES.filter((variable) => !isSecret(variable)).map((name) => env[name] ?? '');
				// By chance, a shorter one may be a part of a name, and any one the value of another variable too.
				const isTold = (secret: string) =>
					secret.length > MARK.length && !plain.some((value) => value.includes(secret)) && shown.includes(secret);
				expect(secrets.filter(isTold)).toEqual([]);
			}, 'CONFIG_INVALID');
			if (error !== null) {
				expect(error.data.variables).toEqual(expect.arrayContaining([expect.any(String)]));
				// A list of copies with a changed byte names others.
				for (const variable of error.data.variables as string[])
					if (!/^BACKUP_(S3|FOLDER)_[A-Z]/.test(variable)) expect(VARIABLES).toContain(variable);
				expect(inspect(error, { depth: 9 })).not.toContain(MARK);
			}
			tally.add(error === null ? 'exact' : 'refused');
		});
		fc.assert(property, { seed, numRuns: casesOf(3_000, 100_000), endOnFailure: true });
		tally.expectSound();
	});

	it('of a target by any URL is one, or a refusal without a part of it', () => {
		const tally = new Tally({
			area: 'Input',
			fault: 'Any text as a database URL',
			provoked: 'valid URLs with changed bytes, and random text, as --to',
			promised: 'a target, never with a token of another host, or a refusal that shows no part of it',
		});
		const config = loadConfig({ TURSO_DATABASE_URL: 'https://own.example', TURSO_AUTH_TOKEN: 'own-token' });
		const urls = [
			...(VALID.TURSO_DATABASE_URL ?? []),
			...(VALID.RESTORE_DATABASE_URL ?? []),
			`https://own.example/${MARK}`,
		];
		const property = fc.property(fc.nat(), anything, (nth, text) => {
			const random = seededRandom(nth);
			const url = random() < 0.8 ? mutate(Buffer.from(pick(random, urls)), random).toString() : MARK + text;
			const error = refusalOf(() => {
				const target = resolveTarget(config, url, '/w');
				if (target?.kind === 'remote' && target.authToken?.reveal() === 'own-token')
					expect(new URL(target.url).host).toBe('own.example');
			}, 'USAGE_INVALID');
			if (error !== null) expect(inspect(error, { depth: 9 })).not.toContain(MARK);
			tally.add(error === null ? 'exact' : 'refused');
		});
		fc.assert(property, { seed, numRuns: casesOf(3_000, 100_000), endOnFailure: true });
		tally.expectSound();
	});

	it('of any secret takes it out of any text', () => {
		const property = fc.property(anything, anything, anything, (secret, before, after) => {
			const env = { CRON_SECRET: `${MARK}${secret}`, TURSO_DATABASE_URL: secret };
			expect(redactSecrets(`${before}${env.CRON_SECRET.trim()}${after}`, env)).not.toContain(env.CRON_SECRET.trim());
			const error = refusalOf(() => loadCronSecret(env), 'CONFIG_INVALID');
			if (error !== null) expect(inspect(error, { depth: 9 })).not.toContain(MARK);
		});
		fc.assert(property, { seed, numRuns: casesOf(1_000, 30_000), endOnFailure: true });
	});
});
