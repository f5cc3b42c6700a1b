import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../lib/config/load';
import type { LifeboatError } from '../../lib/core/errors';
import { systemContext } from '../../lib/jobs/context';
import { countAttempt, forgetAttempts } from '../../lib/jobs/sign-in-attempts';
import { type Attempt, judgeAttempt, SIGN_IN_LIMITS } from '../../lib/jobs/sign-in-limit';
import { createAttemptMemory } from '../../lib/jobs/sign-in-memory';
import { type BlobServer, startBlobServer } from '../support/blob-server';
import { FakeContext } from './fixture';

const NAME = 'backups/shop/sign-in.json';
const START = '2026-11-20T12:00:00.000Z';
const { each, all, windowMs } = SIGN_IN_LIMITS;

describe('attempts to sign in, counted in a store', () => {
	let blob: BlobServer;
	beforeEach(async () => {
		blob = await startBlobServer();
		onTestFinished(() => blob.close());
		await blob.connect();
	});

	/** Instances of a function, each with a memory of its own; they have the store in common. */
	const givenInstances = (count: number, context = new FakeContext(START)) => {
		const config = loadConfig({ BLOB_READ_WRITE_TOKEN: blob.token, BACKUP_NAME: 'shop' }, { need: ['store', 'name'] });
		const unkept: LifeboatError[] = [];
		const one = () => {
			const memory = createAttemptMemory();
			const optionsOf = (who: string) => ({
				config,
				who,
				memory,
				onUnkept: (error: LifeboatError) => void unkept.push(error),
			});
			return {
				attempt: (who: string, at = context as typeof systemContext) => countAttempt(optionsOf(who), at),
				forget: (who: string) => forgetAttempts(optionsOf(who), context),
				known: () => memory.attempts.length,
			};
		};
		return { context, unkept, instances: Array.from({ length: count }, one) };
	};
	const kept = async () => JSON.parse((await blob.contentOf(NAME)).toString()).attempts as { who: string }[];

	it('are counted together by all instances, and again when the time is over', async () => {
		const { context, instances, unkept } = givenInstances(2);
		const [one, other] = instances as [(typeof instances)[0], (typeof instances)[0]];
		for (let nth = 0; nth < each; nth++) {
			const { attempt } = nth % 2 === 0 ? one : other;
			expect(await attempt('a')).toMatchObject({ isAllowed: true, retryAfterMs: 0 });
			context.nowMs += 1_000;
		}
		for (const { attempt } of [one, other])
			expect(await attempt('a')).toMatchObject({ isAllowed: false, retryAfterMs: windowMs - each * 1_000 });
		expect(await one.attempt('b')).toMatchObject({ isAllowed: true });
		// Whoever goes on trying does not make it longer.
		context.set(START);
		context.nowMs += windowMs - 1;
		expect(await other.attempt('a')).toMatchObject({ isAllowed: false, retryAfterMs: 1 });
		context.nowMs += 1;
		expect(await other.attempt('a')).toMatchObject({ isAllowed: true });
		expect(await one.attempt('a')).toMatchObject({ isAllowed: false });
		expect(unkept).toEqual([]);
	});

	it('are forgotten for who has signed in, and for nobody else', async () => {
		const { instances } = givenInstances(2);
		const [one, other] = instances as [(typeof instances)[0], (typeof instances)[0]];
		for (let nth = 0; nth < 3; nth++) for (const who of ['a', 'b']) await one.attempt(who);
		await one.forget('a');
		expect((await kept()).map(({ who }) => who)).toEqual(['b', 'b', 'b']);
		for (let nth = 0; nth < each; nth++) expect(await other.attempt('a')).toMatchObject({ isAllowed: true });
		expect(await other.attempt('a')).toMatchObject({ isAllowed: false });
		const before = { ...blob.requests };
		await one.forget('c');
		expect(blob.requests.put).toBe(before.put);
	});

	it('at once are no more than the limit, however many instances there are', { timeout: 120_000 }, async () => {
		const { instances, unkept } = givenInstances(12);
		// With real waits: who is overtaken reads again.
		const verdicts = await Promise.all(
			instances.flatMap(({ attempt }) => [1, 2].map(() => attempt('a', systemContext))),
		);
		const allowed = verdicts.filter(({ isAllowed }) => isAllowed).length;
		expect(allowed).toBeGreaterThan(0);
		expect(allowed).toBeLessThanOrEqual(each);
		expect(await kept()).toHaveLength(allowed);
		expect(unkept).toEqual([]);
	});

	it('of one instance at once do not all reach the store', async () => {
		const { instances } = givenInstances(1);
		const verdicts = await Promise.all(Array.from({ length: 200 }, () => instances[0]?.attempt('a', systemContext)));
		expect(verdicts.filter((verdict) => verdict?.isAllowed).length).toBeLessThanOrEqual(each);
		const before = { ...blob.requests };
		expect(before.get).toBeLessThan(100);
		expect(await instances[0]?.attempt('a', systemContext)).toMatchObject({ isAllowed: false });
		expect(blob.requests).toEqual(before);
	});

	it('of many callers are limited too, and what is kept of them is bounded', { timeout: 120_000 }, async () => {
		const { instances, context } = givenInstances(3);
		let allowed = 0;
		for (let nth = 0; nth < all + 10; nth++) {
			context.nowMs += 100;
			const verdict = await instances[nth % 3]?.attempt(`caller ${nth}`);
			if (verdict?.isAllowed) allowed++;
		}
		expect(allowed).toBe(all);
		expect(await kept()).toHaveLength(all);
		expect((await blob.contentOf(NAME)).length).toBeLessThan(8_000);
		for (const { known } of instances) expect(known()).toBeLessThanOrEqual(all);
	});

	it('are counted by each process where the store cannot be asked', { timeout: 120_000 }, async () => {
		const { instances, unkept } = givenInstances(1);
		blob.fault({ on: 'get', kind: 'status', status: 503, times: 1_000 });
		for (let nth = 0; nth < each; nth++) expect(await instances[0]?.attempt('a')).toMatchObject({ isAllowed: true });
		expect(await instances[0]?.attempt('a')).toMatchObject({ isAllowed: false });
		expect(unkept.map(({ code }) => code)).toEqual(Array.from({ length: each }, () => 'STORE_UNREACHABLE'));
		await instances[0]?.forget('a');
		expect(await instances[0]?.attempt('a')).toMatchObject({ isAllowed: true });
	});

	it('are counted once when the answer of the store was lost', async () => {
		const { instances } = givenInstances(1);
		for (let nth = 0; nth < each; nth++) {
			blob.fault({ on: 'put', kind: 'after' });
			expect(await instances[0]?.attempt('a')).toMatchObject({ isAllowed: true });
			expect(await kept()).toHaveLength(nth + 1);
		}
		expect(await instances[0]?.attempt('a')).toMatchObject({ isAllowed: false });
	});

	it.each([
		['half of it', '{"signIn":1,'],
		['of another make', '{"signIn":2,"attempts":7}'],
		['something long', 'x'.repeat(500_000)],
	])('begin anew where what is kept cannot be read: %s', async (_, content) => {
		await blob.place(NAME, content);
		const { instances } = givenInstances(1);
		expect(await instances[0]?.attempt('a')).toMatchObject({ isAllowed: true });
		expect(await kept()).toHaveLength(1);
	});
});

it('without a store are counted by the process', async () => {
	const memory = createAttemptMemory();
	const context = new FakeContext(START);
	const attempt = () => countAttempt({ config: null, who: 'a', memory }, context);
	for (let nth = 0; nth < each; nth++) expect(await attempt()).toMatchObject({ isAllowed: true });
	expect(await attempt()).toMatchObject({ isAllowed: false, retryAfterMs: windowMs });
	await forgetAttempts({ config: null, who: 'a', memory }, context);
	expect(await attempt()).toMatchObject({ isAllowed: true });
});

it('within any quarter of an hour, no more are allowed than the limits say', () => {
	const step = fc.record({
		who: fc.constantFrom('a', 'b', 'c', 'd'),
		afterMs: fc.integer({ min: 0, max: windowMs / 3 }),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
			let attempts: readonly Attempt[] = [];
			const allowed: Attempt[] = [];
			let nowMs = 0;
			steps.forEach(({ who, afterMs }, at) => {
				nowMs += afterMs;
				const attempt = { id: String(at), atMs: nowMs, who };
				const verdict = judgeAttempt(attempts, attempt);
				attempts = verdict.attempts;
				if (verdict.isAllowed) allowed.push(attempt);
				else {
					expect(verdict.retryAfterMs).toBeGreaterThan(0);
					// What is promised is kept.
					const later = { ...attempt, atMs: nowMs + verdict.retryAfterMs };
					expect(judgeAttempt(attempts, later).isAllowed).toBe(true);
				}
				const recent = allowed.filter(({ atMs }) => nowMs - atMs < windowMs);
				expect(recent.length).toBeLessThanOrEqual(all);
				expect(recent.filter((one) => one.who === who).length).toBeLessThanOrEqual(each);
				expect(attempts.length).toBeLessThanOrEqual(all);
			});
		}),
	);
});

it('one from a clock that is ahead counts from now on, and no longer', () => {
	const ahead = Array.from({ length: each }, (_, at) => ({ id: `x${at}`, atMs: 10 * windowMs, who: 'a' }));
	const refused = judgeAttempt(ahead, { id: 'y', atMs: 0, who: 'a' });
	expect(refused).toMatchObject({ isAllowed: false, retryAfterMs: windowMs });
	expect(judgeAttempt(refused.attempts, { id: 'z', atMs: windowMs, who: 'a' })).toMatchObject({ isAllowed: true });
});
