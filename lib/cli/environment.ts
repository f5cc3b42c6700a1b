import type { EnvironmentSource } from '../config/environment';
import type { CommandHost } from './host';

type NextEnv = typeof import('@next/env');

/**
 * The environment with `.env.local`, `.env` and the others of the working directory, as Next reads them; what is set
 * already wins. They are put into the process's own environment too, where the Blob SDK looks. A file that cannot be
 * read is named on stderr.
 */
export async function loadEnvironment(host: Pick<CommandHost, 'env' | 'cwd' | 'stderr'>): Promise<EnvironmentSource> {
	// CommonJS: node puts its exports under `default`, tsx beside it.
	const nextEnv: Partial<NextEnv> & { default?: NextEnv } = await import('@next/env');
	const { loadEnvConfig } = nextEnv.loadEnvConfig ? (nextEnv as NextEnv) : (nextEnv.default as NextEnv);
	const { parsedEnv } = loadEnvConfig(host.cwd(), host.env.NODE_ENV === 'development', {
		info: () => {},
		// Only the first part: what follows may quote the file.
		error: (message: unknown) => void host.stderr.write(`warning: ${String(message)}\n`),
	});
	return { ...parsedEnv, ...host.env };
}
