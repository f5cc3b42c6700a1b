import type { ReactNode } from 'react';
import type { StatusView } from '../../lib/status/view';
import { Commands } from './commands';
import { Section } from './section';
import { Moment } from './values';

/** What to do while there is no backup yet. */
export function FirstRun({ nextRunAt }: Pick<StatusView, 'nextRunAt'>): ReactNode {
	return (
		<Section id="first-steps" title="What to do next">
			<p>
				There is no backup yet. The schedule makes the first one at <Moment at={nextRunAt} />, if{' '}
				<code>vercel.json</code> is deployed to production. You need not wait for it:
			</p>
			<Commands
				commands={[
					{
						says: 'See whether the deployed app reaches the database and the store. It counts rows, and writes nothing:',
						command:
							'curl -H "Authorization: Bearer $CRON_SECRET" "https://YOUR-APP.vercel.app/api/cron/backup?dryRun=1"',
					},
					{
						says: 'The same from your own machine, with the variables in .env.local:',
						command: 'npx tsx scripts/backup-turso.ts',
					},
					{
						says: 'Make the first backup now, and prove it:',
						command: 'npx tsx scripts/backup-turso.ts --write --upload',
					},
				]}
			/>
			<p>Then load this page again.</p>
		</Section>
	);
}
