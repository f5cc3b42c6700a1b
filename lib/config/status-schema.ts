import { z } from 'zod';
import { isPlainUrl } from './variables';

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
	STATUS_RUNBOOK_URL: z
		.string()
		.max(4096, 'is longer than 4096 characters')
		.refine((value) => isPlainUrl(value) && value.startsWith('https:'), 'is not an https URL without a fragment')
		.optional()
		.meta({
			description:
				'Where your own copy of [the runbook](runbook.md) can be read on a bad day: the [status page](status-page.md) links its sections there, by `#backups-stopped` and so on. Best not within the deployment.',
			fallback: 'none: the page names the section in the repository',
		}),
};
