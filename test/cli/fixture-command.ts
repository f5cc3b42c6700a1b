import { runCommand } from '../../lib/cli/command';
import { LifeboatError } from '../../lib/core/errors';

/** A command for the tests, run as a process of its own; its first argument says what it does. */
await runCommand(
	{
		name: 'fixture',
		summary: 'does what it is told',
		arguments: [
			{ name: 'deed', summary: 'what to do' },
			{ name: 'extra', summary: 'more', optional: true },
		],
		options: {
			confirm: { kind: 'flag', summary: 'do it' },
			to: { kind: 'text', value: 'URL', summary: 'the target' },
			proof: { kind: 'choice', choices: ['restore', 'read', 'none'], summary: 'the proof' },
			tables: { kind: 'list', value: 'a,b', summary: 'tables' },
			maxRows: { kind: 'count', value: 'N', summary: 'a bound' },
		},
		async run(context) {
			const { arguments: words, options } = context;
			switch (words.deed) {
				case 'config': {
					const { database, name } = await context.config('database', 'name');
					return { data: { database, name }, text: name };
				}
				case 'cron':
					await context.config('cronSecret', 'database');
					return { data: null, text: '' };
				case 'defect':
					throw new TypeError(`no such thing as ${process.env.CRON_SECRET}`);
				case 'leak':
					context.say('working');
					return { data: { secret: process.env.CRON_SECRET }, text: `it is ${process.env.CRON_SECRET}` };
				case 'refuse':
					throw new LifeboatError('TARGET_NOT_EMPTY', 'the target holds 3 rows', {
						hint: 'empty it',
						data: { rows: 3 },
					});
				case 'verdict':
					return {
						data: { guards: ['empty'] },
						text: 'the plan',
						error: new LifeboatError('TARGET_NOT_EMPTY', 'the target holds 3 rows'),
					};
				case 'background':
					void Promise.reject(new Error('behind your back'));
					await new Promise((resolve) => setTimeout(resolve, 50));
					return { data: { failures: context.backgroundFailures.length }, text: 'fine' };
				case 'wait': {
					context.say('waiting');
					const timer = setInterval(() => {}, 1000);
					await new Promise((_, reject) => {
						context.signal.addEventListener('abort', () => {
							context.say('cleaned up');
							clearInterval(timer);
							reject(new Error('the fetch was aborted'));
						});
					});
					break;
				}
				case 'deaf':
					context.say('waiting');
					setInterval(() => {}, 1000);
					await new Promise(() => {});
					break;
				case 'much':
					return { data: null, text: 'a long line of output, again and again\n'.repeat(100_000) };
			}
			return { data: { words, options, big: 12345678901234567890n, small: 7n }, text: `did ${words.deed}` };
		},
	},
	process,
);
