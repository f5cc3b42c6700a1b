import type { EnvironmentSource } from '../config/environment';
import type { CommandHost } from './host';

/**
 * The environment with `.env.local`, `.env` and the others of the working directory, as Next reads them; what is set
 * already wins. They are put into the process's own environment too, where the Blob SDK looks. A file that cannot be
 * read is named on stderr.
 */
export async function loadEnvironment(host: Pick<CommandHost, 'env' | 'cwd' | 'stderr'>): Promise<EnvironmentSource> {
	const { default: nextEnv } = await import('@next/env');
	const { parsedEnv } = nextEnv.loadEnvConfig(host.cwd(), host.env.NODE_ENV === 'development', {
		info: () => {},
		// Only the first part: what follows may quote the file.
		error: (message: unknown) => void host.stderr.write(`warning: ${String(message)}\n`),
	});
	return { ...parsedEnv, ...host.env };
}
