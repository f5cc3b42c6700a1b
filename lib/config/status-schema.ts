import { z } from 'zod';

/** The variables of the status page, each valid by itself. */
export const statusSchema = {
	STATUS_PASSWORD: z
		.string()
		.min(12, 'is shorter than 12 characters')
		.max(512, 'is longer than 512 characters')
		.refine((value) => !/\p{Cc}/u.test(value), 'holds a control character')
		// One keyboard writes an é as one character, another as two.
		.transform((value) => value.normalize('NFC'))
		.optional()
		.meta({
			description:
				'What opens the [status page](status-page.md#access): 12 to 512 characters. Another one ends all sessions.',
			fallback: 'none: there is no page, but in development, where everyone may see it',
			secret: true,
		}),
};
