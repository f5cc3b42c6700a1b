import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createProgress } from '../../lib/cli/progress';

function stream(isTTY: boolean) {
	const through = Object.assign(new PassThrough(), { isTTY, columns: 100 });
	let text = '';
	through.on('data', (chunk) => {
		text += chunk;
	});
	return { through, text: () => text };
}

it('says nothing where there is no terminal', async () => {
	const { through, text } = stream(false);
	const progress = await createProgress(through);
	progress.start('dumping', 100);
	progress.update({ rows: 1, bytes: 50 });
	progress.note('hello');
	progress.stop();
	expect(text()).toBe('');
});

it('shows rows, bytes and notes on a terminal, and leaves it as it was', async () => {
	const { through, text } = stream(true);
	const progress = await createProgress(through);
	progress.update({ rows: 1, bytes: 1 });
	progress.stop();
	progress.start('dumping', 1000, 10);
	progress.update({ rows: 5, bytes: 500 });
	await sleep(300);
	expect(text()).toContain('50%  5 of 10 rows  500 B of 1.0 kB');
	progress.note('the connection was lost; starting over');
	progress.update({ rows: 7, bytes: 700 });
	await sleep(300);
	progress.start('checking');
	progress.stop();
	progress.stop();
	expect(text()).toContain('the connection was lost; starting over\n');
	expect(text()).toContain('7 of 10 rows');
	expect(text()).toContain('checking');
	const end = text().length;
	await sleep(300);
	expect(text().length).toBe(end);
	// Line wrapping, which the bar turns off, is on again.
	expect(text().lastIndexOf('\u001b[?7h')).toBeGreaterThan(text().lastIndexOf('\u001b[?7l'));
});
