/** What a command needs of the process it runs in; scripts hand in `process`. */
export type CommandHost = Pick<
	NodeJS.Process,
	'argv' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'cwd' | 'on' | 'off' | 'exit' | 'exitCode'
>;
