import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listenForInterrupts } from '../lib/cli/interrupts';
import { Children } from './demo/children';
import { cleanEnvironment } from './demo/environment';
import { fileUrl } from './demo/file-url';
import { Report } from './demo/report';
import { runTour } from './demo/tour';

const HELP = `Usage: npm run demo

Show a backup and the way back on a small shop database, with the built server and the operator's scripts.
Works in a temporary folder of its own, needs no network, and leaves nothing behind.
`;

async function main(): Promise<number> {
	const words = process.argv.slice(2);
	if (words.length > 0) {
		const asked = words.length === 1 && (words[0] === '--help' || words[0] === '-h');
		(asked ? process.stdout : process.stderr).write(asked ? HELP : `error: the demo takes no words\n\n${HELP}`);
		return asked ? 0 : 2;
	}
	const startedMs = performance.now();
	const interrupts = listenForInterrupts(process);
	const children = new Children();
	const folder = mkdtempSync(join(realpathSync(tmpdir()), 'lifeboat-demo-'));
	const cleanUp = () => {
		children.killAll();
		rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	// However this process ends: a second interrupt and a closed terminal do not wait for what is below.
	process.once('exit', cleanUp);
	process.once('SIGHUP', () => process.exit(1));
	const secret = `lifeboat-demo-${randomBytes(24).toString('hex')}`;
	const report = new Report((text) => process.stdout.write(text), secret);
	try {
		const temporary = join(folder, 'tmp');
		mkdirSync(temporary);
		await runTour({
			root: fileURLToPath(new URL('..', import.meta.url)),
			folder,
			secret,
			env: {
				...cleanEnvironment(process.env, temporary),
				NEXT_TELEMETRY_DISABLED: '1',
				TURSO_DATABASE_URL: fileUrl(join(folder, 'shop.db')),
				BACKUP_STORE: 'local',
				BACKUP_LOCAL_DIR: join(folder, 'backups'),
			},
			children,
			report,
			signal: interrupts.signal,
		});
		cleanUp();
		const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
		process.stdout.write(`\nAll ${report.steps} steps went as expected, in ${seconds} s. Nothing is left behind.\n`);
		return 0;
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		process.stderr.write(`\nthe demo failed: ${message.replaceAll(secret, '[secret]')}\n`);
		return 1;
	} finally {
		cleanUp();
	}
}

process.exitCode = await main();
