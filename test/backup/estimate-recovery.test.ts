import { describe, expect, it } from 'vitest';
import type { DrillReport } from '../../lib/backup/drill-report';
import { estimateRecovery, type RestoreFacts } from '../../lib/backup/estimate-recovery';

interface Given {
	readonly day?: number;
	readonly plainBytes?: number;
	readonly where?: string;
	readonly target?: DrillReport['target'];
	readonly trigger?: DrillReport['trigger'];
	/** Of the steps whose time goes by the size. */
	readonly bySizeMs?: number;
	readonly isProven?: boolean;
}

/** Finding takes one second always. */
function drilled(given: Given = {}): DrillReport {
	const { day = 1, plainBytes = 1e8, where = 'blob', target = 'scratch', trigger = 'cli', bySizeMs = 9_000 } = given;
	const at = new Date(Date.UTC(2026, 10, day)).toISOString();
	return {
		drill: 1,
		id: `drill-${day}`,
		at,
		trigger,
		backup: { id: 'backup', where, createdAt: at, rows: 1, plainBytes, isSealed: false, isPartial: false },
		target,
		steps: [
			{ name: 'find', durationMs: 1_000 },
			{ name: 'read', durationMs: bySizeMs / 3 },
			{ name: 'restore', durationMs: bySizeMs / 3 },
			{ name: 'compare', durationMs: bySizeMs / 3 },
		],
		recovery: { durationMs: given.isProven === false ? null : 1_000 + bySizeMs, limitMs: 1 },
		point: { ageMs: 0, limitMs: null },
		notes: [],
		failure: null,
	};
}

const restore: RestoreFacts = { where: 'blob', plainBytes: 1e8, target: 'file', isByHand: true };

describe('the estimate of a recovery', () => {
	it('is none without a drill that was proven', () => {
		expect(estimateRecovery([], restore)).toBeNull();
		expect(estimateRecovery([drilled({ isProven: false })], restore)).toBeNull();
	});

	it('is what a drill like it took, scaled by the size where that counts', () => {
		const reports = [drilled()];
		expect(estimateRecovery(reports, restore)).toMatchObject({ durationMs: 10_000, drills: 1, unlike: [] });
		expect(estimateRecovery(reports, { ...restore, plainBytes: 2e8 })).toMatchObject({ durationMs: 19_000 });
		expect(estimateRecovery(reports, { ...restore, plainBytes: 5e7 })).toMatchObject({ durationMs: 5_500 });
	});

	it('is that in the middle of the newest five', () => {
		const reports = [30, 90, 12, 15, 6, 3].map((s, nth) => drilled({ day: 20 - nth, bySizeMs: s * 1_000 }));
		expect(estimateRecovery(reports, restore)).toEqual({
			durationMs: 16_000,
			drills: 5,
			newestAt: '2026-11-20T00:00:00.000Z',
			unlike: [],
		});
	});

	it('is by those most like it, and says in what they were not', () => {
		const server = drilled({ day: 1, target: 'server', bySizeMs: 60_000 });
		const elsewhere = drilled({ day: 2, where: 'offsite: s3' });
		const small = drilled({ day: 3, plainBytes: 1e6, bySizeMs: 900 });
		const inFunction = drilled({ day: 4, trigger: 'cron' });
		const all = [inFunction, small, elsewhere, server];
		const on = (reports: DrillReport[], facts = {}) => estimateRecovery(reports, { ...restore, ...facts });
		expect(on(all, { target: 'server' })).toMatchObject({ durationMs: 61_000, unlike: [] });
		expect(on(all)).toMatchObject({ durationMs: 91_000, unlike: ['size'] });
		expect(on([inFunction, server])).toMatchObject({ unlike: ['machine'] });
		expect(on([elsewhere, server])).toMatchObject({ unlike: ['store'] });
		expect(on([small], { target: 'server' })).toMatchObject({ unlike: ['target', 'size'] });
	});

	it('of what is tiny is no more than of what is small', () => {
		const tiny = drilled({ plainBytes: 100, bySizeMs: 300 });
		expect(estimateRecovery([tiny], { ...restore, plainBytes: 90_000 })).toMatchObject({
			durationMs: 1_300,
			unlike: [],
		});
	});
});
