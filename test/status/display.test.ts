import { expect, it } from 'vitest';
import { dayOf, formatMoment, formatTime } from '../../lib/status/display';

it.each([
	['2026-11-20T02:00:03.999Z', '2026-11-20 02:00:03 UTC'],
	['2026-11-20T00:30:00+01:00', '2026-11-19 23:30:00 UTC'],
])('says the moment %s in UTC', (at, told) => {
	expect(formatMoment(at)).toBe(told);
	expect(`${dayOf(at)} ${formatTime(at)}`).toBe(told);
});
