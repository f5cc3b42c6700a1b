import type { ReactNode } from 'react';
import { formatDurationMs, formatMoment } from '../../lib/status/display';
import type { DrillPoint, StatusView } from '../../lib/status/view';
import { TRIGGER_WORDS } from './backups-table';
import { DataTable } from './data-table';
import { type KeyMark, Plot, PlotKey, type PlotPoint } from './plot';
import { ladderAxis, timeAxis } from './plot-axes';
import { Fact, Facts, Folded } from './section';
import { StandingTag } from './standing';
import { Absent, Code, Duration, Moment } from './values';

interface DrillsProps {
	/** Newest first. */
	readonly drills: readonly DrillPoint[];
	readonly targets: StatusView['targets'];
}

const TABLE = 'drills-table';

/** How long recoveries took, and how far back they went, against what is allowed. */
export function Drills({ drills, targets }: DrillsProps): ReactNode {
	const [newest] = drills;
	if (newest === undefined) return <NoDrills targets={targets} />;
	return (
		<>
			<NewestDrill drill={newest} />
			<div className="figures-beside">
				<DrillFigure
					id="recovery"
					title="Recovery time"
					drills={drills}
					of={({ recoveryMs }) => recoveryMs}
					targetMs={targets.rtoMs}
				/>
				<DrillFigure
					id="point"
					title="Recovery point"
					drills={drills}
					of={({ pointMs }) => pointMs}
					targetMs={targets.rpoMs}
				/>
			</div>
			<Folded summary="Recovery time and point as a table">
				<DrillsTable drills={drills} />
			</Folded>
		</>
	);
}

function NoDrills({ targets }: Pick<DrillsProps, 'targets'>): ReactNode {
	return (
		<p>
			No drill has been made yet. <code>npx tsx scripts/drill.ts</code> rehearses a recovery now, and holds it against
			the targets: <Duration ms={targets.rtoMs} /> to recover, of a backup that is no older than{' '}
			<Duration ms={targets.rpoMs} />. The schedule makes one each month.
		</p>
	);
}

function NewestDrill({ drill }: { readonly drill: DrillPoint }): ReactNode {
	return (
		<Facts>
			<Fact name="Newest drill">
				<Outcome drill={drill} />, <Moment at={drill.at} />
			</Fact>
			<Fact name="Recovery time">
				{drill.recoveryMs === null ? 'none was proven' : <Duration ms={drill.recoveryMs} />} of{' '}
				<Duration ms={drill.recoveryLimitMs} /> allowed
			</Fact>
			<Fact name="Recovery point">
				{drill.pointMs === null ? 'unknown' : <Duration ms={drill.pointMs} />}
				{drill.pointLimitMs === null ? (
					', not judged'
				) : (
					<>
						{' '}
						of <Duration ms={drill.pointLimitMs} /> allowed
					</>
				)}
			</Fact>
			{drill.steps.length > 0 && (
				<Fact name="Steps">
					<ul className="inline">
						{drill.steps.map(({ name, durationMs }) => (
							<li key={name}>
								{name} <Duration ms={durationMs} />
							</li>
						))}
					</ul>
				</Fact>
			)}
		</Facts>
	);
}

interface DrillFigureProps {
	readonly id: string;
	readonly title: string;
	/** Newest first; at least one. */
	readonly drills: readonly DrillPoint[];
	readonly of: (drill: DrillPoint) => number | null;
	readonly targetMs: number;
}

function DrillFigure({ id, title, drills, of, targetMs }: DrillFigureProps): ReactNode {
	const points = [...drills].reverse().map((drill): PlotPoint => {
		const value = of(drill);
		const told = value === null ? 'none' : formatDurationMs(value);
		const failed = drill.isPassed ? '' : `, failed ${drill.code ?? ''}`;
		return {
			key: drill.id,
			atMs: Date.parse(drill.at),
			value,
			isApart: !drill.isPassed,
			isFailed: !drill.isPassed,
			title: `${formatMoment(drill.at)}: ${told}${failed}`,
		};
	});
	const values = points.map(({ value }) => value).filter((value) => value !== null);
	const names: [KeyMark, string][] = [['first', 'passed']];
	if (drills.some(({ isPassed }) => !isPassed)) names.push(['failed', 'failed']);
	return (
		<figure id={`${id}-plot`} aria-labelledby={`${id}-plot-title`} aria-details={TABLE}>
			<figcaption>
				<h3 id={`${id}-plot-title`}>{title}</h3>
				<p className="summary">{summarize(values, targetMs)}</p>
			</figcaption>
			<Plot
				series={[{ name: title, points }]}
				values={ladderAxis([...values, targetMs])}
				times={timeAxis(points.map(({ atMs }) => atMs))}
				targetMs={targetMs}
			/>
			<PlotKey names={names} />
		</figure>
	);
}

/** `Now 1 min 52 s, the most 2 min 10 s; 1 h 00 min allowed.` */
function summarize(valuesMs: readonly number[], targetMs: number): string {
	const now = valuesMs.at(-1);
	const allowed = `${formatDurationMs(targetMs)} allowed. Each step up is about ten times as long.`;
	if (now === undefined) return `None was measured; ${allowed}`;
	return `Last ${formatDurationMs(now)}, the most ${formatDurationMs(Math.max(...valuesMs))}; ${allowed}`;
}

function DrillsTable({ drills }: Pick<DrillsProps, 'drills'>): ReactNode {
	return (
		<DataTable
			id={TABLE}
			label="Drills, newest first"
			columns={[
				{ heading: 'Drilled' },
				{ heading: 'Outcome' },
				{ heading: 'Recovery', kind: 'number' },
				{ heading: 'Allowed', kind: 'number' },
				{ heading: 'Point', kind: 'number' },
				{ heading: 'Point allowed', kind: 'number' },
				{ heading: 'Backup' },
				{ heading: 'By' },
			]}
			rows={drills.map((drill) => ({
				key: drill.id,
				mark: drill.isPassed ? undefined : 'bad',
				cells: [
					<Moment key="at" at={drill.at} />,
					<Outcome key="outcome" drill={drill} />,
					<Measured key="recovery" ms={drill.recoveryMs} />,
					<Duration key="recovery-limit" ms={drill.recoveryLimitMs} />,
					<Measured key="point" ms={drill.pointMs} />,
					drill.pointLimitMs === null ? (
						<Absent key="not-judged">not judged</Absent>
					) : (
						<Duration key="point-limit" ms={drill.pointLimitMs} />
					),
					drill.backup === null ? (
						<Absent key="no-backup">none was found</Absent>
					) : (
						<Code key="backup">{drill.backup}</Code>
					),
					TRIGGER_WORDS[drill.trigger],
				],
			}))}
		/>
	);
}

function Outcome({ drill: { isPassed, code } }: { readonly drill: DrillPoint }): ReactNode {
	return (
		<>
			<StandingTag standing={isPassed ? 'good' : 'bad'} word={isPassed ? 'Passed' : 'Failed'} />
			{code !== null && (
				<>
					{' '}
					<Code>{code}</Code>
				</>
			)}
		</>
	);
}

function Measured({ ms }: { readonly ms: number | null }): ReactNode {
	return ms === null ? <Absent>none</Absent> : <Duration ms={ms} />;
}
