import type { ReactNode } from 'react';
import type { MisconfiguredView } from '../../lib/status/view';
import { Configuration } from './configuration';
import { DataTable } from './data-table';
import { Frame } from './frame';
import { Section } from './section';
import { Code, Name } from './values';
import { VerdictBanner } from './verdict';

/** The page while the configuration does not let it ask anything. */
export function Misconfigured({ view }: { readonly view: MisconfiguredView }): ReactNode {
	const { verdict, problems, configuration } = view;
	return (
		<Frame database={null}>
			<VerdictBanner verdict={verdict} readAt={null} />
			<Section id="problems" title="What is wrong">
				<DataTable
					id="problems-table"
					label="Variables that are wrong"
					columns={[{ heading: 'Variable' }, { heading: 'Problem', kind: 'wide' }]}
					rows={problems.map(({ variable, message }, index) => ({
						key: `${variable} ${index}`,
						mark: 'bad',
						cells: [<Code key="variable">{variable}</Code>, <Name key="message">{message}</Name>],
					}))}
				/>
				<p>
					Set them in the settings of the Vercel project, for production, and deploy again: a deployment keeps the
					variables that it was made with. On your own machine they stand in <code>.env.local</code>. What each means:{' '}
					<code>docs/configuration.md</code>.
				</p>
				<p>No backup is made meanwhile. Those that there are can be read by whoever has the store's credentials.</p>
			</Section>
			{configuration.length > 0 && (
				<Section id="configuration" title="Configuration in force">
					<Configuration settings={configuration} />
				</Section>
			)}
		</Frame>
	);
}
