import { z } from 'zod';
import { isPlainUrl } from './variables';

/** The variables of the status page, each valid by itself. */
export const statusSchema = {
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
