import type { ConfigNeed } from '../config/config';
import type { EnvironmentSource } from '../config/environment';
import { hasCode, LifeboatError, toLifeboatError } from '../core/errors';
import type { ArgumentSpecs, CommandDefinition, OptionSpecs } from './definition';
import { loadEnvironment } from './environment';
import { exitCodeOf } from './exit';
import type { CommandHost } from './host';
import { listenForInterrupts } from './interrupts';
import { type CommandResult, formatError, formatErrorJson, formatResult } from './output';
import { parseCommandLine } from './parse';
import { printable } from './printable';
import { createProgress } from './progress';
import { keepHeapSmall } from './small-heap';

/**
 * Runs one command from its command line to its exit code: the frame of every script. Results go to stdout, all else
 * to stderr. Never rejects; sets `host.exitCode` and lets the process end by itself, so that all output gets out.
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
}

async function runParsed<A extends ArgumentSpecs, O extends OptionSpecs>(
	definition: CommandDefinition<A, O>,
	line: Extract<ReturnType<typeof parseCommandLine<A, O>>, { kind: 'run' }>,
	host: CommandHost,
	env: EnvironmentSource,
	isJson: boolean,
): Promise<CommandResult> {
	const backgroundFailures: unknown[] = [];
	// The libSQL client can reject behind one's back when a transaction times out; node would end the run for it. The
	// handler stays until the process ends, as such a rejection may come late.
	host.on('unhandledRejection', (reason) => {
		if (backgroundFailures.length < 100) backgroundFailures.push(reason);
	});
	const interrupts = listenForInterrupts(host);
	const progress = await createProgress(host.stderr);
	try {
		return await definition.run({
			arguments: line.arguments,
			options: line.options,
			signal: interrupts.signal,
			progress,
			cwd: host.cwd(),
			backgroundFailures,
			async config<const N extends ConfigNeed>(...need: N[]) {
				const { loadConfig } = await import('../config/load');
				return loadConfig(env, { need, cwd: host.cwd() });
			},
			isJson,
			write: (text) => writeOut(host.stdout, text),
			say: (text) => (host.stderr.isTTY ? progress.note(text) : void host.stderr.write(`${printable(text)}\n`)),
		});
	} catch (error) {
		if (!interrupts.signal.aborted) throw error;
		const { message, hint } = interrupts.signal.reason as LifeboatError;
		throw new LifeboatError('ABORTED', message, { hint: hasCode(error, 'ABORTED') ? error.hint : hint, cause: error });
	} finally {
		progress.stop();
		interrupts.close();
	}
}

/** Writes a part of a long result. When nobody reads on, there is nothing more to do. */
function writeOut(stdout: NodeJS.WritableStream, text: string): Promise<void> {
	return new Promise((resolve, reject) => {
		stdout.write(text, (error) => {
			if (!error) resolve();
			else
				reject(
					new LifeboatError('ABORTED', 'the output was closed before all of it was written', {
						hint: 'take all of it, or say --out PATH',
						cause: error,
					}),
				);
		});
	});
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
