import { describe, expect, it } from 'vitest';
import { type Delivered, type Problem, planAlerts, type Recovery, settle } from '../../lib/notify/plan';
import { type AlertState, alertStateSchema, NO_STATE, parseState } from '../../lib/notify/state';

const problem = (code: string, more: Partial<Problem> = {}): Problem => ({
	key: 'run',
	kind: 'backup-failed',
	items: [code],
	code,
	what: `${code} happened`,
	hint: null,
	backup: null,
	...more,
});
const works = (key = 'run'): Recovery => ({ key, backup: 'backup-1' });

/** Night after night, with what is remembered between them; tells `channel kind code` of each message that is due. */
class Nights {
	state: AlertState = NO_STATE;
	day = 0;
	channels: string[] = ['slack', 'email'];
	/** Channels that take nothing. */
	down: string[] = [];

	next(problems: Problem[], recovered: Recovery[] = [], days = 1): string[] {
		this.day += days;
		const now = new Date(Date.UTC(2026, 10, this.day, 2));
		const plan = planAlerts(this.state, { database: 'shop', now, channels: this.channels, problems, recovered });
		const delivered = plan.deliveries.map(
			(one): Delivered => ({ ...one, error: this.down.includes(one.channel) ? 'CHANNEL_FAILED' : null }),
		);
		this.state = alertStateSchema.parse(settle(plan.claimed, this.state, delivered, now));
		expect(parseState(Buffer.from(JSON.stringify(this.state)))).toEqual(this.state);
		return delivered.map(({ channel, alert }) => `${channel} ${alert.kind} ${alert.code}`);
	}
}

const both = (told: string) => [`slack ${told}`, `email ${told}`];

describe('a failure', () => {
	it('is told once, and its end once', () => {
		const nights = new Nights();
		expect(nights.next([problem('A')])).toEqual(both('backup-failed A'));
		expect(nights.next([problem('A')])).toEqual([]);
		expect(nights.next([], [works()])).toEqual(both('recovered null'));
		expect(nights.next([], [works()])).toEqual([]);
		expect(nights.state.problems).toEqual({});
		expect(nights.next([problem('A')])).toEqual(both('backup-failed A'));
	});

	it('by another reason is told again, by the same two in turn is not', () => {
		const nights = new Nights();
		nights.next([problem('A')]);
		expect(nights.next([problem('B')])).toEqual(both('backup-failed B'));
		expect(nights.next([problem('A')])).toEqual([]);
		expect(nights.next([problem('B')])).toEqual([]);
		expect(nights.next([], [works()])).toEqual(both('recovered null'));
	});

	it('that goes on is told again each week', () => {
		const nights = new Nights();
		const told = Array.from({ length: 20 }, () => nights.next([problem('A')]).length);
		expect(told.flatMap((count, night) => (count > 0 ? [night] : []))).toEqual([0, 7, 14]);
	});

	it('and another at once have each their own beginning and end', () => {
		const nights = new Nights();
		const copy = problem('B', { key: 'copy:nas', kind: 'copy-failed' });
		expect(nights.next([problem('A'), copy])).toEqual([...both('backup-failed A'), ...both('copy-failed B')]);
		expect(nights.next([copy], [works()])).toEqual(both('recovered null'));
		expect(nights.next([copy], [works()])).toEqual([]);
		expect(nights.next([], [works(), works('copy:nas')])).toEqual(both('recovered null'));
	});

	it('of which nothing is said goes on', () => {
		const nights = new Nights();
		nights.next([problem('B', { key: 'copy:nas', kind: 'copy-failed' })]);
		expect(nights.next([problem('A')])).toEqual(both('backup-failed A'));
		expect(nights.next([], [works('copy:nas')])).toEqual(both('recovered null'));
	});

	it('says since when', () => {
		const nights = new Nights();
		nights.next([problem('A')]);
		const now = new Date(Date.UTC(2026, 10, 9, 2));
		const sightings = { database: 'shop', now, channels: ['slack'], problems: [problem('B')], recovered: [] };
		expect(planAlerts(nights.state, sightings).deliveries[0]?.alert).toMatchObject({
			since: '2026-11-01T02:00:00.000Z',
			at: '2026-11-09T02:00:00.000Z',
		});
	});
});

describe('a channel that takes nothing', () => {
	it('is told when it does again', () => {
		const nights = new Nights();
		nights.down = ['slack'];
		expect(nights.next([problem('A')])).toEqual(both('backup-failed A'));
		expect(nights.state.channels).toMatchObject({ slack: { error: 'CHANNEL_FAILED' }, email: { error: null } });
		expect(nights.next([problem('A')])).toEqual(['slack backup-failed A']);
		nights.down = [];
		expect(nights.next([problem('A')])).toEqual(['slack backup-failed A']);
		expect(nights.next([problem('A')])).toEqual([]);
		expect(nights.state.channels.slack?.error).toBeNull();
	});

	it('of the end too, and of nothing if it never knew', () => {
		const nights = new Nights();
		nights.next([problem('A')]);
		nights.down = ['slack'];
		expect(nights.next([], [works()])).toEqual(both('recovered null'));
		nights.down = [];
		expect(nights.next([], [works()])).toEqual(['slack recovered null']);
		expect(nights.next([], [works()])).toEqual([]);
		nights.down = ['slack'];
		nights.next([problem('A')]);
		nights.down = [];
		expect(nights.next([], [works()])).toEqual(['email recovered null']);
		expect(nights.state.problems).toEqual({});
	});

	it('or is new is told of what goes on', () => {
		const nights = new Nights();
		nights.channels = ['slack'];
		nights.next([problem('A')]);
		nights.channels = ['slack', 'webhook'];
		expect(nights.next([problem('A')])).toEqual(['webhook backup-failed A']);
	});
});

describe('an event', () => {
	const shrunk = (...items: string[]) => problem('S', { key: 'shrunk', kind: 'backup-shrunk', items, isEvent: true });

	it('is told once, never again, and its end is not', () => {
		const nights = new Nights();
		expect(nights.next([shrunk('a')])).toHaveLength(2);
		expect(nights.next([shrunk('a', 'b')])).toHaveLength(2);
		for (let night = 0; night < 20; night++) expect(nights.next([shrunk('b')])).toEqual([]);
		expect(nights.next([], [{ ...works('shrunk'), isQuiet: true }])).toEqual([]);
		expect(nights.state.problems).toEqual({});
	});
});

describe('one who is about to tell', () => {
	const at = (minutes: number) => new Date(Date.UTC(2026, 10, 1, 2, minutes));
	const look = (state: AlertState, minutes: number) =>
		planAlerts(state, {
			database: 'shop',
			now: at(minutes),
			channels: ['slack'],
			problems: [problem('A')],
			recovered: [],
		});

	it('is left to it for five minutes, and then is taken for killed', () => {
		const { claimed } = look(NO_STATE, 0);
		expect(look(claimed, 4).deliveries).toEqual([]);
		expect(look(claimed, 5).deliveries).toHaveLength(1);
	});
});

it('a state that cannot be read says nothing', () => {
	for (const text of ['', '{', '[]', '{"alerts":2}', '{"alerts":1,"problems":{"a":1},"channels":{}}'])
		expect(parseState(Buffer.from(text))).toEqual(NO_STATE);
});
