/** The environment as `process.env` has it. Only scripts and routes name that; they hand it in. */
export type EnvironmentSource = Readonly<Record<string, string | undefined>>;
