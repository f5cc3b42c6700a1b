import type { ReactNode } from 'react';
import { dayOf, formatMoment, formatTime, printable } from '../../lib/status/display';
import type { Freshness } from '../../lib/status/view';
import { DataTable } from './data-table';
import { Code } from './values';

const SUMMARIES: Readonly<Record<Freshness['summary'], string>> = {
	kept: 'agreed with the list of manifests',
	mended: 'did not agree with the list of manifests: those that differ were read anew',
	rebuilt: 'every manifest was read anew',
};

/** How old what the page shows is, in a line. */
export function FreshnessLine({ freshness }: { readonly freshness: Freshness }): ReactNode {
	const { readAt, summaryAt, summary } = freshness;
	return (
		<p className="freshness">
			Read from the store at <time dateTime={readAt}>{formatMoment(readAt)}</time>;{' '}
			{summaryAt === null ? (
				'there was no summary, and every manifest was read.'
			) : (
				<>
					summary of{' '}
					<time dateTime={summaryAt}>
						{dayOf(summaryAt) === dayOf(readAt) ? formatTime(summaryAt) : formatMoment(summaryAt)}
					</time>
					{summary === 'rebuilt' ? ' was not of use: ' : ', '}
					{SUMMARIES[summary]}.
				</>
			)}
		</p>
	);
}

/** Manifests that could not be read; there is at least one. */
export function Unreadable({ manifests }: { readonly manifests: Freshness['unreadable'] }): ReactNode {
	return (
		<>
			<p>
				Of these backups nothing is shown below, as their manifests cannot be read. <code>list-backups.ts</code> says
				more of each, and a copy may have it whole.
			</p>
			<DataTable
				label="Manifests that cannot be read"
				columns={[{ heading: 'Backup' }, { heading: 'Error' }]}
				rows={manifests.map(({ id, code }) => ({
					key: id,
					mark: 'bad',
					cells: [
						<span key="id" className="id">
							{printable(id, 'line')}
						</span>,
						<Code key="code">{code}</Code>,
					],
				}))}
			/>
		</>
	);
}
