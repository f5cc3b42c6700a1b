import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Manifest } from '../../lib/backup/manifest';
import { readTable } from './read-table';
import { REMOVED, SETUPS } from './scenes';
import { shownText } from './shown-text';
import { drillsIn, manifestsIn } from './stored-facts';
import { describeScene } from './suite';

/** What stands in the `<data>` of a part of a page. */
function valuesIn(part: Locator): Promise<number[]> {
	return part.locator('data').evaluateAll((all) => all.map((one) => Number((one as HTMLDataElement).value)));
}

/** A line of a table of backups, as it has to be. */
function lineOf({ id, createdAt, rows, object, durationMs, proof }: Manifest, isThere = true) {
	return {
		Begun: [createdAt],
		Backup: isThere ? [`/backups/${id}`] : [],
		Rows: [rows],
		Stored: [object.bytes],
		Took: [durationMs],
		'Of it proof': [proof.durationMs],
	};
}

describeScene('the numbers of the status page', SETUPS.healthy, ({ enter, scene }) => {
	it('are those of the newest manifest, at a glance', async () => {
		const [newest] = (await manifestsIn(scene().blob)) as [Manifest];
		const { page } = await enter();
		await page.goto('/');
		expect(await valuesIn(page.locator('#newest-rows'))).toEqual([newest.rows, newest.tables.length]);
		expect(await valuesIn(page.locator('#newest-bytes'))).toEqual([
			newest.object.bytes,
			newest.plainBytes,
			newest.durationMs,
		]);
		const sentence = await shownText(page.locator('h1'));
		expect(sentence).toContain(`7 hours ago: you can recover to ${newest.createdAt.slice(11, 16)} UTC, in about`);
	});

	it('are those of every manifest, and of what was removed since', async () => {
		const there = await manifestsIn(scene().blob);
		const { page } = await enter();
		await page.goto('/');
		const lines = await readTable(page.locator('#history-table'));
		const shown = lines.map((line) => ({
			Begun: line.Begun?.times,
			Backup: line.Backup?.links,
			Rows: line.Rows?.numbers,
			Stored: line.Stored?.numbers,
			Took: line.Took?.numbers,
			'Of it proof': line['Of it proof']?.numbers,
		}));
		const all = [...there.map((one) => lineOf(one)), ...REMOVED.map((one) => lineOf(one, false))];
		all.sort((one, other) => ((one.Begun[0] as string) < (other.Begun[0] as string) ? 1 : -1));
		const oldest = shown.at(-1)?.Begun?.[0] ?? '';
		expect(shown.length).toBeGreaterThan(350);
		expect(shown).toEqual(all.filter(({ Begun: [begun = ''] }) => begun >= oldest));
		expect(await valuesIn(page.locator('#backups-there'))).toEqual([there.length]);
	});

	it('are those of each table, and what became of it since the night before', async () => {
		const nights = (await manifestsIn(scene().blob)).filter(({ trigger }) => trigger.kind === 'cron');
		const [newest, before] = nights as [Manifest, Manifest];
		const { page } = await enter();
		await page.goto('/');
		const lines = await readTable(page.locator('#tables-table'));
		const shown = lines.map((line) => [
			line.Table?.text,
			line.Rows?.numbers[0],
			line.Before?.numbers[0],
			line.Change?.numbers[0],
			line.Size?.numbers[0],
		]);
		const expected = newest.tables.map(({ name, rows, bytes }) => {
			const then = before.tables.find((table) => table.name === name)?.rows ?? Number.NaN;
			return [name, rows, then, rows - then, bytes];
		});
		const byName = (one: unknown[], other: unknown[]) => (String(one[0]) < String(other[0]) ? -1 : 1);
		expect(shown.sort(byName)).toEqual(expected.sort(byName));
	});

	it('are those of each drill', async () => {
		const drills = await drillsIn(scene().blob);
		const { page } = await enter();
		await page.goto('/');
		const lines = await readTable(page.locator('#drills-table'));
		expect(drills.length).toBe(12);
		expect(
			lines.map((line) => [
				line.Drilled?.times[0],
				line.Outcome?.text.includes('Passed'),
				line.Recovery?.numbers[0],
				line.Allowed?.numbers[0],
				line.Point?.numbers[0],
				line['Point allowed']?.numbers[0],
				line.Backup?.text,
			]),
		).toEqual(
			drills.map(({ at, failure, recovery, point, backup }) => [
				at,
				failure === null,
				recovery.durationMs,
				recovery.limitMs,
				point.ageMs,
				point.limitMs,
				backup?.id,
			]),
		);
	});

	it('count every day of the year as what it was', async () => {
		const manifests = [...(await manifestsIn(scene().blob)), ...REMOVED];
		const { page } = await enter();
		await page.goto('/');
		const lines = await readTable(page.locator('#calendar-table'));
		expect(lines.length).toBeGreaterThan(360);
		const words = { restored: 'Proven', read: 'Read only', none: 'Unproven' } as const;
		const failed = ['2026-01-17', '2026-05-30'];
		for (const line of lines) {
			const day = line.Day?.times[0] ?? '';
			const night = manifests.find(({ trigger }) => trigger.day === day);
			const expected = night ? words[night.proof.kind] : failed.includes(day) ? 'Failed' : 'Missed';
			expect([day, line.Standing?.text]).toEqual([day, expected]);
		}
	});

	it('tell what is kept, removed, held, and in the copy', async () => {
		const there = await manifestsIn(scene().blob);
		const { page } = await enter();
		await page.goto('/');
		const linked = async (part: string) =>
			page.locator(`${part} a[href^="/backups/"]`).evaluateAll((links) => links.map((link) => link.textContent));
		expect([...(await linked('#retention'))].sort()).toEqual(there.map(({ id }) => id).sort());
		const stores = await readTable(page.locator('#stores-table'));
		expect(stores.map(({ Lacks }) => Lacks?.numbers)).toEqual([[0], [0]]);
		expect(await shownText(page.locator('#holds'))).toContain('audit of the second quarter');
	});
});

describeScene('the numbers of backup pages', SETUPS.healthy, ({ enter, scene }) => {
	it('are those of the manifests, from the oldest to the newest', async () => {
		const { page, faults } = await enter();
		const manifests = await manifestsIn(scene().blob);
		for (const manifest of manifests.filter((_, at) => at % 6 === 0)) {
			await page.goto(`/backups/${manifest.id}`);
			expect(await shownText(page.locator('h1'))).toBe(manifest.id);
			const lines = await readTable(page.locator('#tables-table'));
			expect(
				lines.map((line) => [
					line.Table?.text,
					line.Rows?.numbers[0],
					line['Left out']?.numbers[0],
					line.Size?.numbers[0],
					line['SHA-256 of its rows']?.text,
				]),
			).toEqual(manifest.tables.map(({ name, rows, omitted, bytes, sha256 }) => [name, rows, omitted, bytes, sha256]));
			expect(await valuesIn(page.locator('#verdict'))).toEqual([
				manifest.rows,
				manifest.tables.length,
				manifest.object.bytes,
				manifest.plainBytes,
				manifest.durationMs,
				manifest.proof.durationMs,
			]);
			const told = await shownText(page.locator('#manifest'));
			for (const fact of [manifest.object.name, manifest.object.sha256, manifest.digest, manifest.source.location])
				expect(told).toContain(fact);
			const commands = await shownText(page.locator('#commands'));
			expect(commands).toContain(`restore-turso.ts ${manifest.id}`);
		}
		expect(faults).toEqual([]);
	});
});
