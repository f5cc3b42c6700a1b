import type { CommandHost } from './host';

/**
 * Asks for a passphrase on the terminal, without showing what is typed.
 *
 * @returns null where there is no terminal to ask on
 */
export async function askSecretly(question: string, host: CommandHost, signal: AbortSignal): Promise<string | null> {
	if (!host.stdin.isTTY || !host.stderr.isTTY) return null;
	const { read } = await import('read');
	const asked = read({ prompt: question, silent: true, input: host.stdin, output: host.stderr });
	const stopped = new Promise<never>((_, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason), { once: true });
	});
	return Promise.race([asked, stopped]).finally(() => host.stderr.write('\n'));
}
