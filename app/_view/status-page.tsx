import type { ReactNode } from 'react';
import type { PageView, StatusView } from '../../lib/status/view';
import { Calendar } from './calendar';
import { Channels } from './channels';
import { Configuration } from './configuration';
import { Drills } from './drills';
import { KeyFigures } from './figures';
import { FirstRun } from './first-run';
import { Frame } from './frame';
import { FreshnessLine, Unreadable } from './freshness';
import { History } from './history';
import { Holds } from './holds';
import { Misconfigured } from './misconfigured';
import { PointShapes } from './plot';
import { Retention } from './retention';
import { Section } from './section';
import { SectionLinks } from './section-links';
import { Stores } from './stores';
import { TableChanges } from './table-changes';
import { Unreachable } from './unreachable';
import { VerdictBanner } from './verdict';

/** The status page, in whichever state it is. */
export function StatusPage({ view }: { readonly view: PageView }): ReactNode {
	switch (view.kind) {
		case 'misconfigured':
			return <Misconfigured view={view} />;
		case 'unreachable':
			return <Unreachable view={view} />;
		case 'status':
			return <Status view={view} />;
	}
}

function Status({ view }: { readonly view: StatusView }): ReactNode {
	const sections = sectionsOf(view);
	return (
		<Frame database={view.database}>
			<VerdictBanner verdict={view.verdict} readAt={view.freshness.readAt}>
				<FreshnessLine freshness={view.freshness} />
			</VerdictBanner>
			{view.backups.length > 0 ? <KeyFigures view={view} /> : <FirstRun nextRunAt={view.nextRunAt} />}
			<SectionLinks sections={sections} />
			<PointShapes />
			{sections.map(({ id, title, content }) => (
				<Section key={id} id={id} title={title}>
					{content}
				</Section>
			))}
		</Frame>
	);
}

interface SectionContent {
	readonly id: string;
	readonly title: string;
	readonly content: ReactNode;
}

/** What there is to show, in order: what is without backups is left out until there are some. */
function sectionsOf(view: StatusView): SectionContent[] {
	const { backups, calendar, tables, freshness } = view;
	const sections: (SectionContent | false)[] = [
		freshness.unreadable.length > 0 && {
			id: 'unreadable',
			title: 'Manifests that cannot be read',
			content: <Unreadable manifests={freshness.unreadable} />,
		},
		calendar.length > 0 && { id: 'calendar', title: 'The last year', content: <Calendar days={calendar} /> },
		backups.length > 0 && { id: 'history', title: 'Size and duration', content: <History backups={backups} /> },
		tables !== null && { id: 'tables', title: 'Rows by table', content: <TableChanges tables={tables} /> },
		{ id: 'drills', title: 'Drills', content: <Drills drills={view.drills} targets={view.targets} /> },
		{ id: 'stores', title: 'Stores and copies', content: <Stores stores={view.stores} /> },
		backups.length > 0 && { id: 'retention', title: 'Retention', content: <Retention retention={view.retention} /> },
		{ id: 'holds', title: 'Holds', content: <Holds holds={view.holds} /> },
		{ id: 'alerts', title: 'Alerts', content: <Channels channels={view.channels} /> },
		{
			id: 'configuration',
			title: 'Configuration in force',
			content: <Configuration settings={view.configuration} />,
		},
	];
	return sections.filter((section) => section !== false);
}
