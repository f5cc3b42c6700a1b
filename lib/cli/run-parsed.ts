import type { ConfigNeed } from '../config/config';
import type { EnvironmentSource } from '../config/environment';
import { redactSecrets } from '../config/redact';
import { hasCode, LifeboatError } from '../core/errors';
import { printable } from '../core/printable';
import type { ArgumentSpecs, CommandDefinition, OptionSpecs } from './definition';
import type { CommandHost } from './host';
import { listenForInterrupts } from './interrupts';
import type { CommandResult } from './output';
import type { ParsedCommandLine } from './parse';
import { createProgress } from './progress';

/**
 * Does the work of a command line that has been parsed, with `env` as its environment: interrupts end it with
 * `ABORTED`, and progress is shown. Rejects with what the command throws.
 */
export async function runParsed<A extends ArgumentSpecs, O extends OptionSpecs>(
	definition: CommandDefinition<A, O>,
	line: Extract<ParsedCommandLine<A, O>, { kind: 'run' }>,
	host: CommandHost,
	env: EnvironmentSource,
	isJson: boolean,
): Promise<CommandResult> {
	const redact = (text: string) => redactSecrets(text, env);
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
			async ask(question) {
				progress.stop();
				const { askSecretly } = await import('./ask');
				return askSecretly(question, host, interrupts.signal);
			},
			write: (text) => writeOut(host.stdout, text),
			redact,
			say(text) {
				const said = redact(text);
				if (host.stderr.isTTY) progress.note(said);
				else host.stderr.write(`${printable(said)}\n`);
			},
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
