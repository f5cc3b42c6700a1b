import type { ReactNode } from 'react';
import type { StatusView } from '../../lib/status/view';
import { DataTable } from './data-table';
import { StandingTag } from './standing';
import { Absent, Code, Moment, Name } from './values';

type Channel = StatusView['channels'][number];

/** Who is told when something is wrong, and whether the last message arrived. */
export function Channels({ channels }: Pick<StatusView, 'channels'>): ReactNode {
	if (channels.length === 0)
		return (
			<p>
				<StandingTag standing="warning" word="Nobody is told" /> No alert channel is set up: a backup that fails does so
				in silence. <code>docs/alerts.md</code> says how to set one up.
			</p>
		);
	return (
		<DataTable
			id="channels-table"
			label="Alert channels"
			columns={[{ heading: 'Channel' }, { heading: 'Last message' }, { heading: 'Outcome', kind: 'wide' }]}
			rows={channels.map((channel) => ({
				key: channel.name,
				mark: channel.error === null ? undefined : 'bad',
				cells: [
					<Name key="name">{channel.name}</Name>,
					channel.at === null ? <Absent key="at">none yet</Absent> : <Moment key="at" at={channel.at} />,
					<Outcome key="outcome" channel={channel} />,
				],
			}))}
		/>
	);
}

function Outcome({ channel: { at, error } }: { readonly channel: Channel }): ReactNode {
	if (error !== null)
		return (
			<>
				<StandingTag standing="bad" word="Failed" /> <Code>{error}</Code>
			</>
		);
	return at === null ? <Absent>nothing to tell yet</Absent> : <StandingTag standing="good" word="Taken" />;
}
