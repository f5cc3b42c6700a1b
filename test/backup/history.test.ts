import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
	checkOf,
	decodeHistory,
	encodeHistory,
	factsOfManifest,
	type History,
	type HistoryEntry,
	MAX_HISTORY_BYTES,
	MOST_ENTRIES,
	NO_CHECK,
	NO_HISTORY,
} from '../../lib/backup/history';
import { isKnownDay, knownFrom, upToDate, withFailure } from '../../lib/backup/history-days';
import { nightly } from '../support/backup-facts';
import { yearOf } from '../support/year-of-backups';

const NOW = '2026-11-20T02:05:00.000Z';
const CHECK = checkOf({ bytes: 1, etag: 'x', modifiedAt: new Date(NOW) });

const entriesOf = (nights: number, now = NOW): HistoryEntry[] =>
	yearOf({ now, nights }).manifests.map((manifest) => ({ ...factsOfManifest(manifest), check: CHECK }));
const none = { unreadable: new Set<string>() };
const dayOf = ({ createdAt }: HistoryEntry) => createdAt.slice(0, 10);

describe('a summary', () => {
	const history: History = {
		at: NOW,
		since: '2026-11-01',
		entries: entriesOf(30),
		failures: [{ day: '2026-11-02', at: '2026-11-02T02:00:00.000Z', code: 'STORE_FULL' }],
	};

	it('comes back as it was written', () => {
		expect(decodeHistory(encodeHistory(history))).toEqual(history);
		expect(decodeHistory(encodeHistory(NO_HISTORY))).toEqual(NO_HISTORY);
	});

	it('holds no row and no name of a table, and takes about 350 bytes a backup', () => {
		const text = encodeHistory(history).toString();
		expect(text).not.toContain('sessions');
		expect(text.length / 30).toBeLessThan(420);
	});

	it('that is not as it was written is none, whichever byte was changed', () => {
		const bytes = encodeHistory({ ...history, entries: entriesOf(2) });
		for (let at = 0; at < bytes.length; at++) {
			const changed = Buffer.from(bytes);
			changed.writeUInt8((changed[at] as number) ^ 1, at);
			expect(decodeHistory(changed), `byte ${at}`).toBeNull();
			if (at % 40 === 0) expect(decodeHistory(bytes.subarray(0, at)), `cut at ${at}`).toBeNull();
		}
	});

	it.each([
		['of another version', { history: 2 }],
		['with an entry that is none', { entries: [{ id: 'backup-1' }] }],
		['with too many entries', { entries: Array(MOST_ENTRIES + 1).fill(entriesOf(1)[0]) }],
		['with a code that is a text', { failures: [{ day: '2026-11-02', at: NOW, code: '<b>no</b>' }] }],
	])('%s is none, though its digest is right', (_, change) => {
		const whole = { history: 1, ...history, ...change } as unknown as History;
		expect(decodeHistory(sealed(whole))).toBeNull();
		expect(decodeHistory(sealed({ history: 1, ...history } as unknown as History))).toEqual(history);
	});

	it('is bounded, whatever the backups are called', () => {
		const [entry] = entriesOf(1) as [HistoryEntry];
		const many = Array.from({ length: MOST_ENTRIES + 500 }, (_, nth) => ({
			...entry,
			id: `backup-20260101T020000Z-${nth.toString(16).padStart(4, '0')}`,
			label: '€'.repeat(100),
		}));
		const bytes = encodeHistory({ ...history, entries: many });
		expect(bytes.length).toBeLessThanOrEqual(MAX_HISTORY_BYTES);
		const kept = decodeHistory(bytes)?.entries as HistoryEntry[];
		expect(kept.length).toBeGreaterThan(1_000);
		expect(kept.at(-1)?.id).toBe(many.at(-1)?.id);
	});

	it('cuts a label that is long', () => {
		const [manifest] = yearOf({ now: NOW, nights: 1 }).manifests;
		if (manifest === undefined) throw new TypeError('there is one');
		expect(factsOfManifest({ ...manifest, label: 'x'.repeat(3_000) }).label).toBe('x'.repeat(100));
	});
});

describe('bringing it up to date', () => {
	it('takes in what is there, and keeps what was removed for 400 days', () => {
		const entries = entriesOf(500);
		const before: History = { ...NO_HISTORY, at: '2026-11-19T02:05:00.000Z', since: '2025-07-09', entries };
		const there = entries.slice(-3);
		const after = upToDate(before, { ...none, entries: there }, new Date(NOW), 7);
		expect(after.at).toBe(NOW);
		expect(after.entries).toHaveLength(400);
		expect(after.entries.slice(-3)).toEqual(there);
		expect(after.entries.map(({ id }) => id)).toEqual([...after.entries.map(({ id }) => id)].sort());
	});

	it('keeps what is there however old it is, and what was removed tonight', () => {
		const entries = entriesOf(500);
		const [oldest] = entries as [HistoryEntry];
		const removed = { ...(entries[450] as HistoryEntry), check: NO_CHECK };
		const present = { ...none, entries: [oldest], before: [removed] };
		expect(upToDate(NO_HISTORY, present, new Date(NOW), 7).entries).toEqual([oldest, removed]);
	});

	it('forgets what it said of a backup that is there, and cannot be read', () => {
		const [entry] = entriesOf(1) as [HistoryEntry];
		const before = { ...NO_HISTORY, entries: [entry] };
		expect(upToDate(before, { entries: [], unreadable: new Set([entry.id]) }, new Date(NOW), 7).entries).toEqual([]);
	});

	it('remembers of each day the last failure', () => {
		const failures = [
			{ day: '2026-11-18', at: '2026-11-18T02:00:00.000Z', code: 'STORE_FULL' },
			{ day: '2026-11-17', at: '2026-11-17T02:00:00.000Z', code: 'STORE_FULL' },
			{ day: '2026-11-18', at: '2026-11-18T12:00:00.000Z', code: 'PROOF_FAILED' },
		];
		const noted = failures.reduce(withFailure, NO_HISTORY);
		expect(noted.failures).toEqual([failures[1], failures[2]]);
		expect(upToDate(noted, { ...none, entries: [] }, new Date('2027-12-24T02:00:00Z'), 7).failures).toEqual([]);
	});
});

describe('the days that are known', () => {
	it('are those that the rules keep whole', () => {
		const there = entriesOf(30);
		expect(knownFrom(there, null)).toBe('2026-10-22');
		expect(knownFrom(there, 40)).toBe('2026-10-22');
		expect(knownFrom(there, 7)).toBe('2026-11-14');
		expect(knownFrom(there, 0)).toBeNull();
		expect(knownFrom([], 7)).toBeNull();
		const gaps = there.filter((_, nth) => nth % 2 === 1);
		expect(knownFrom(gaps, 7)).toBe('2026-11-08');
		expect(knownFrom([...gaps, ...there.map((entry) => ({ ...entry, proof: 'none' as const }))], 7)).toBe('2026-11-08');
	});

	it('are all since the summary was begun, while it is kept', () => {
		const begun = upToDate(
			NO_HISTORY,
			{ ...none, entries: entriesOf(30, '2026-10-20T02:05:00Z').slice(-9) },
			new Date('2026-10-20T02:05:00Z'),
			7,
		);
		expect(begun.since).toBe('2026-10-14');
		let history = begun;
		for (let day = 21; day <= 31; day++) {
			const now = `2026-10-${day}T02:05:00Z`;
			history = upToDate(history, { ...none, entries: entriesOf(7, now) }, new Date(now), 7);
		}
		expect(history.since).toBe('2026-10-14');
		expect(isKnownDay('2026-10-14', history, [], 7)).toBe(true);
		expect(isKnownDay('2026-10-13', history, [], 7)).toBe(false);
		expect(isKnownDay('2026-11-01', history, [], 7)).toBe(false);
		expect(isKnownDay('2026-11-01', history, entriesOf(7, '2026-11-05T02:05:00Z'), 7)).toBe(true);
		// Kept again after a month: what came and went meanwhile nobody knows.
		const late = upToDate(history, { ...none, entries: entriesOf(7) }, new Date(NOW), 7);
		expect(late.since).toBe('2026-11-14');
	});

	it('hold whatever the rules removed, night after night', () => {
		const nights = nightly('2026-09-01T02:00:00Z', '2026-11-20T02:00:00Z');
		let history = NO_HISTORY;
		let all: HistoryEntry[] = [];
		for (const { createdAt } of nights) {
			// One night in five brings no backup.
			if (createdAt.getUTCDate() % 5 === 0) continue;
			const made = entriesOf(1, createdAt.toISOString());
			all = [...all, ...made].slice(-7);
			history = upToDate(history, { ...none, entries: all }, new Date(createdAt.getTime() + 300_000), 7);
		}
		const missed = nights
			.map(({ createdAt }) => createdAt.toISOString().slice(0, 10))
			.filter((day) => isKnownDay(day, history, all, 7) && !history.entries.some((entry) => dayOf(entry) === day));
		expect(missed).toHaveLength(nights.filter(({ createdAt }) => createdAt.getUTCDate() % 5 === 0).length);
	});
});

/** Any object as a summary with the right digest. */
function sealed(whole: object): Buffer {
	const text = JSON.stringify(whole).slice(0, -1);
	const template = encodeHistory(NO_HISTORY).toString();
	const field = template
		.slice(template.lastIndexOf(',"sha256"'))
		.replace(/[0-9a-f]{64}/, createHash('sha256').update(text).digest('hex'));
	return Buffer.from(text + field);
}
