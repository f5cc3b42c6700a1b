import type { EnvironmentSource } from '../config/environment';
import { type LifeboatError, toLifeboatError } from '../core/errors';
import type { ArgumentSpecs, CommandDefinition, OptionSpecs } from './definition';
import { exitCodeOf } from './exit';
import type { CommandHost } from './host';
import { formatError, formatErrorJson, formatResult } from './output';
import { parseCommandLine } from './parse';
import { keepHeapSmall } from './small-heap';

/**
 * Runs one command from its command line to its exit code: the frame of every script. Results go to stdout, all else
 * to stderr. Never rejects; sets `host.exitCode` and lets the process end by itself, so that all output gets out. What still
 * lives seconds later, such as a request that nothing can take back, is not waited for.
 */
export async function runCommand<
	const A extends ArgumentSpecs = [],
	const O extends OptionSpecs = Record<never, never>,
>(definition: CommandDefinition<A, O>, host: CommandHost): Promise<void> {
	keepHeapSmall();
	ignoreClosedPipe(host);
	const words = host.argv.slice(2);
	const endOfOptions = words.indexOf('--');
	const asJson = words.slice(0, endOfOptions < 0 ? undefined : endOfOptions).includes('--json');
	let env: EnvironmentSource = host.env;
	const write = async (stream: NodeJS.WritableStream, text: string) => {
		// The last net: whatever is printed, no secret of the environment is in it.
		const { redactSecrets } = await import('../config/redact');
		stream.write(redactSecrets(text, env));
	};
	let error: LifeboatError | undefined;
	try {
		const line = parseCommandLine(definition, words);
		if (line.kind === 'help') {
			host.stdout.write(line.text);
		} else {
			// Only now: a --help is to be there at once.
			const [{ loadEnvironment }, { runParsed }] = await Promise.all([import('./environment'), import('./run-parsed')]);
			env = await loadEnvironment(host);
			const result = await runParsed(definition, line, host, env, asJson);
			error = result.error;
			await write(host.stdout, formatResult(result, asJson));
			if (error !== undefined && !asJson) await write(host.stderr, formatError(error));
		}
	} catch (caught) {
		error = toLifeboatError(caught);
		if (asJson) await write(host.stdout, formatErrorJson(error));
		else await write(host.stderr, formatError(error));
		// A defect is ours to mend, and takes more than a message.
		if (error.code === 'INTERNAL') await write(host.stderr, `${stackOf(error)}\n`);
	}
	host.exitCode = error === undefined ? 0 : exitCodeOf(error);
	endLingering(host);
}

/** What is still alive when the work is over has so long, in ms. */
const LINGER_MS = 2_000;

/** Ends the process though something in it does not end; its output gets out before. */
function endLingering(host: CommandHost): void {
	const end = () => {
		if (host.stdout.writableLength === 0 && host.stderr.writableLength === 0) host.exit();
	};
	// It keeps nothing alive by itself.
	setInterval(end, LINGER_MS).unref();
}

/** `… | head` closes our stdout early, which is no failure. */
function ignoreClosedPipe(host: CommandHost): void {
	for (const stream of [host.stdout, host.stderr]) {
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code !== 'EPIPE') throw error;
		});
	}
}

function stackOf(error: Error): string {
	const cause = error.cause instanceof Error ? error.cause : error;
	return cause.stack ?? cause.message;
}
