import type { ReactNode } from 'react';
import type { RetentionView } from '../../lib/status/view';
import { DataTable } from './data-table';
import { Folded } from './section';
import { StandingTag } from './standing';
import { BackupLink, Code, Count, Moment, Name } from './values';

/** So many backups that are to go are shown without being asked for. */
const SHOWN = 10;
/** And so many that stay. */
const KEPT_SHOWN = 5;

/** What the rules keep and remove next, and why. */
export function Retention({ retention }: { readonly retention: RetentionView }): ReactNode {
	const { rule, verdicts, refusal } = retention;
	const kept = verdicts.filter(({ keep }) => keep);
	const removed = verdicts.filter(({ keep }) => !keep);
	return (
		<>
			<p>
				By <code>{rule}</code>, the next run keeps <Count of={kept.length} /> and removes <Count of={removed.length} />.
			</p>
			{refusal !== null && (
				<p className="callout">
					<StandingTag standing="warning" word="Nothing is removed" /> <Code>{refusal.code}</Code>:{' '}
					<Name>{refusal.sentence}</Name>
				</p>
			)}
			{removed.length > 0 && (
				<>
					<h3>Removed next</h3>
					<Verdicts id="removed-table" label="Backups that are removed next" verdicts={removed.slice(0, SHOWN)} />
					{removed.length > SHOWN && (
						<Folded summary={`${removed.length - SHOWN} more that are removed`}>
							<Verdicts label="Backups that are removed next, continued" verdicts={removed.slice(SHOWN)} />
						</Folded>
					)}
				</>
			)}
			{kept.length > 0 && (
				<>
					<h3>Kept</h3>
					<Verdicts id="kept-table" label="Backups that are kept" verdicts={kept.slice(0, KEPT_SHOWN)} />
					{kept.length > KEPT_SHOWN && (
						<Folded summary={`${kept.length - KEPT_SHOWN} more that are kept`}>
							<Verdicts label="Backups that are kept, continued" verdicts={kept.slice(KEPT_SHOWN)} />
						</Folded>
					)}
				</>
			)}
		</>
	);
}

interface VerdictsProps {
	readonly id?: string;
	readonly label: string;
	readonly verdicts: RetentionView['verdicts'];
}

function Verdicts({ id, label, verdicts }: VerdictsProps): ReactNode {
	return (
		<DataTable
			id={id}
			label={label}
			columns={[{ heading: 'Backup' }, { heading: 'Begun' }, { heading: 'Why', kind: 'wide' }]}
			rows={verdicts.map(({ id, createdAt, reasons }) => ({
				key: id,
				cells: [
					<BackupLink key="id" id={id} />,
					<Moment key="at" at={createdAt} />,
					<Name key="why">{reasons.join('; ')}</Name>,
				],
			}))}
		/>
	);
}
