import type { ReactNode } from 'react';
import type { BackupView, Standing } from '../../lib/status/view';
import { TRIGGER_WORDS } from './backups-table';
import { Fact, Facts } from './section';
import { StandingIcon } from './standing';
import { Bytes, Count, Day, Duration, Moment, Name } from './values';

interface BackupStanding {
	readonly standing: Standing;
	readonly word: string;
	readonly sentence: string;
}

/** How a backup stands by itself: what is worst about it comes first. */
function standingOf({ point, proof, hold }: BackupView): BackupStanding {
	if (!point.isThere)
		return { standing: 'bad', word: 'Removed', sentence: 'Its data is gone; only this summary tells of it.' };
	if (proof.kind === 'none')
		return { standing: 'bad', word: 'Unproven', sentence: 'It was neither restored nor read back.' };
	if (point.omittedRows > 0)
		return { standing: 'warning', word: 'Incomplete', sentence: 'It lacks rows that could not be carried.' };
	if (point.isPartial)
		return { standing: 'warning', word: 'Partial', sentence: 'It has the rows of some tables only.' };
	if (proof.kind === 'read')
		return { standing: 'warning', word: 'Read only', sentence: 'It was read back and checked, and not restored.' };
	const held = hold === null ? '' : ' It is held.';
	return { standing: 'good', word: 'Proven', sentence: `It was restored and compared, bit for bit.${held}` };
}

/** What is to be known of a backup at a glance. */
export function BackupBanner({ view }: { readonly view: BackupView }): ReactNode {
	const { point } = view;
	const { standing, word, sentence } = standingOf(view);
	return (
		<section aria-labelledby="backup-title" className={`verdict is-${standing}`} id="verdict">
			<StandingIcon standing={standing} />
			<div className="verdict-text">
				<h1 id="backup-title" className="id">
					{point.id}
				</h1>
				<p className="sentence">
					<span className="word">{word}:</span> {sentence}
				</p>
				<Facts>
					<Fact name="Begun">
						<Moment at={point.createdAt} />
					</Fact>
					<Fact name="Holds">
						<Count of={point.rows} /> {point.rows === 1 ? 'row' : 'rows'} in <Count of={point.tables} />{' '}
						{point.tables === 1 ? 'table' : 'tables'}
					</Fact>
					<Fact name="Stored">
						<Bytes of={point.bytes} />, of <Bytes of={point.plainBytes} /> before compression
						{point.isSealed && ', sealed'}
					</Fact>
					<Fact name="Took">
						<Duration ms={point.durationMs} />, of it the proof <Duration ms={point.proofMs} />
					</Fact>
					<Fact name="Made by">
						{TRIGGER_WORDS[point.trigger]}
						{point.day !== null && (
							<>
								, for <Day day={point.day} />
							</>
						)}
					</Fact>
					{point.label !== null && (
						<Fact name="Label">
							<Name>{point.label}</Name>
						</Fact>
					)}
				</Facts>
				<p className="freshness">
					Read from the store at <Moment at={view.readAt} />.
				</p>
			</div>
		</section>
	);
}
