import { cpus, totalmem } from 'node:os';
import type { Stage } from './stage';

/** What it was measured on. */
export interface Machine {
	readonly cpu: string;
	readonly cpuCount: number;
	readonly memoryGb: number;
	/** `YYYY-MM-DD`. */
	readonly date: string;
	/** By the program's name. */
	readonly versions: Readonly<Record<string, string>>;
}

/** Throws, naming it, when one of the programs is missing. */
export async function describeMachine(stage: Stage): Promise<Machine> {
	const versions: Record<string, string> = { node: process.version };
	for (const program of ['sqlite3', 'curl', 'gzip']) {
		const { stdout } = await stage.processes.run({ title: program, shell: `${program} --version` }).catch((error) => {
			throw new Error(`the benchmark needs the program ${program} (apt-get install ${program})`, { cause: error });
		});
		versions[program] = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
	}
	const answer = await fetch(`${await stage.data('tiny').sqld()}/version`, { signal: AbortSignal.timeout(10_000) });
	versions.sqld = /\d+\.\d+\.\d+/.exec(await answer.text())?.[0] ?? 'unknown';
	return {
		cpu: cpus()[0]?.model ?? 'unknown',
		cpuCount: cpus().length,
		memoryGb: Math.round(totalmem() / 2 ** 30),
		date: new Date().toISOString().slice(0, 10),
		versions,
	};
}

/** In one line. */
export function showMachine({ cpu, cpuCount, memoryGb, date, versions }: Machine): string {
	const programs = Object.entries(versions).map(([program, version]) => `${program} ${version.replace(/^v/, '')}`);
	return `${cpuCount} × ${cpu}, ${memoryGb} GB; ${programs.join(', ')}; ${date}`;
}
