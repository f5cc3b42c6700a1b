import type { ReactNode } from 'react';
import type { BackupPoint, DrillPoint, StatusView } from '../../lib/status/view';
import { ageWords } from '../../lib/status/words';
import { StandingTag } from './standing';
import { BackupLink, Bytes, Count, Duration, Moment } from './values';

/** What is asked for first, in figures: the newest backup, what comes next, the last drill. */
export function KeyFigures({ view }: { readonly view: StatusView }): ReactNode {
	const newest = view.backups.find(({ isThere }) => isThere);
	const [drill] = view.drills;
	const nowMs = Date.parse(view.freshness.readAt);
	const there = view.backups.filter(({ isThere }) => isThere).length;
	return (
		<dl className="figures" id="figures">
			{newest !== undefined && <NewestFigures newest={newest} nowMs={nowMs} />}
			<div>
				<dt>Backups there</dt>
				<dd id="backups-there">
					<span className="big">
						<Count of={there} />
					</span>
					<span className="small">of {view.backups.length} in the last year</span>
				</dd>
			</div>
			<div>
				<dt>Next run</dt>
				<dd>
					<span className="big">in {ageWords(Date.parse(view.nextRunAt) - nowMs)}</span>
					<span className="small">
						<Moment at={view.nextRunAt} />
					</span>
				</dd>
			</div>
			{drill !== undefined && <DrillFigure drill={drill} />}
		</dl>
	);
}

function NewestFigures({ newest, nowMs }: { readonly newest: BackupPoint; readonly nowMs: number }): ReactNode {
	return (
		<>
			<div>
				<dt>Newest backup</dt>
				<dd>
					<span className="big">{ageWords(nowMs - Date.parse(newest.createdAt))} ago</span>
					<span className="small">
						<Moment at={newest.createdAt} />
						<br />
						<BackupLink id={newest.id} />
					</span>
				</dd>
			</div>
			<div>
				<dt>Rows</dt>
				<dd id="newest-rows">
					<span className="big">
						<Count of={newest.rows} />
					</span>
					<span className="small">
						in <Count of={newest.tables} /> {newest.tables === 1 ? 'table' : 'tables'}
					</span>
				</dd>
			</div>
			<div>
				<dt>Stored</dt>
				<dd id="newest-bytes">
					<span className="big">
						<Bytes of={newest.bytes} />
					</span>
					<span className="small">
						of <Bytes of={newest.plainBytes} />, in <Duration ms={newest.durationMs} />
					</span>
				</dd>
			</div>
		</>
	);
}

function DrillFigure({ drill }: { readonly drill: DrillPoint }): ReactNode {
	return (
		<div>
			<dt>Last drill</dt>
			<dd>
				<span className="big">
					<StandingTag standing={drill.isPassed ? 'good' : 'bad'} word={drill.isPassed ? 'Passed' : 'Failed'} />
				</span>
				<span className="small">
					<Moment at={drill.at} />
					{drill.recoveryMs !== null && (
						<>
							<br />
							recovered in <Duration ms={drill.recoveryMs} />
						</>
					)}
				</span>
			</dd>
		</div>
	);
}
