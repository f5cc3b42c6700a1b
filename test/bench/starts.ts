import { isBuilt, NEXT } from '../../scripts/demo/app';
import { withoutEnvFiles } from '../../scripts/demo/environment';
import { startWire } from '../support/tls-front';
import type { Contestant, Sample } from './contestant';
import type { Stage } from './stage';
import { ROOT } from './tsx';

const START_MS = 60_000;
const BUILD_MS = 300_000;
const POLL_MS = 20;
const SECRET = 'cron-secret-of-the-benchmark';

/** A command that is over at once, on a database of five small tables. */
export function command(id: string, title: string, { shell, cwd }: { shell: string; cwd?: string }): Contestant {
	return {
		id,
		title,
		data: null,
		async run(stage) {
			const url = `file:${await stage.data('tiny').file()}`;
			const env = { TURSO_DATABASE_URL: url, npm_config_update_notifier: 'false' };
			const { seconds, cpuSeconds, peakMb, stdout } = await stage.processes.run({ title, shell, cwd, env });
			if (stdout.trim() === '') throw new Error(`${title} says nothing`);
			return { seconds, cpuSeconds, peakMb, wire: null };
		},
	};
}

/** The first request to the route of a server that was just started, until the database gets its own first one. */
export function coldStart(id: string, title: string): Contestant {
	return { id, title, data: null, run: (stage) => startCold(stage) };
}

async function startCold(stage: Stage): Promise<Sample> {
	await buildOnce(stage);
	let reachedMs: number | null = null;
	const wire = await startWire(Number(new URL(await stage.data('tiny').sqld()).port), () => {
		reachedMs ??= performance.now();
	});
	const server = stage.processes.start({
		title: 'the built server',
		shell: `exec "${process.execPath}" "${NEXT}" start -H 127.0.0.1 -p 0`,
		cwd: ROOT,
		env: {
			...withoutEnvFiles(ROOT),
			NEXT_TELEMETRY_DISABLED: '1',
			NODE_ENV: 'production',
			TURSO_DATABASE_URL: `http://127.0.0.1:${wire.port}`,
			CRON_SECRET: SECRET,
			BACKUP_STORE: 'local',
			BACKUP_LOCAL_DIR: stage.newPath('backups'),
		},
	});
	try {
		const url = await readyUrl(server.output);
		const askedMs = performance.now();
		const answer = await fetch(`${url}/api/cron/backup`, {
			headers: { authorization: `Bearer ${SECRET}` },
			signal: AbortSignal.timeout(START_MS),
		});
		const body = await answer.text();
		if (answer.status !== 200 || reachedMs === null) throw new Error(`the route answered ${answer.status}: ${body}`);
		return { seconds: (reachedMs - askedMs) / 1000, cpuSeconds: null, peakMb: null, wire: null };
	} finally {
		await server.end();
		await wire.close();
	}
}

/** Without a request, which would warm it. */
async function readyUrl(output: () => string): Promise<string> {
	const until = performance.now() + START_MS;
	for (;;) {
		const url = output().includes('Ready in') && /Local: +(http:\/\/127\.0\.0\.1:\d+)/.exec(output())?.[1];
		if (url) return url;
		if (performance.now() > until) throw new Error(`the built server did not get ready: ${output()}`);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

async function buildOnce(stage: Stage): Promise<void> {
	if (isBuilt(ROOT)) return;
	stage.say('building the app');
	await stage.processes.run({
		title: 'next build',
		shell: `"${process.execPath}" "${NEXT}" build`,
		cwd: ROOT,
		env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
		limitMs: BUILD_MS,
	});
}
