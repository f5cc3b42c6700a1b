import type { ReactNode } from 'react';
import type { BackupView, MisconfiguredView, NoBackupView, UnreachableView } from '../../lib/status/view';
import { BackupBanner } from './backup-banner';
import { BackupCoverage, BackupKeys } from './backup-beside';
import { BackupCopies, BackupManifest, BackupProof, BackupTables } from './backup-parts';
import { Commands } from './commands';
import { Frame } from './frame';
import { Misconfigured } from './misconfigured';
import { Fact, Facts, Section } from './section';
import { StandingIcon } from './standing';
import { Unreachable } from './unreachable';
import { Code, Name } from './values';

/** A backup's own page, or why there is none. */
export function BackupPage(props: {
	readonly view: BackupView | NoBackupView | MisconfiguredView | UnreachableView;
}): ReactNode {
	const { view } = props;
	switch (view.kind) {
		case 'misconfigured':
			return <Misconfigured view={view} />;
		case 'unreachable':
			return <Unreachable view={view} />;
		case 'no-backup':
			return <NoBackup view={view} />;
		case 'backup':
			return <Backup view={view} />;
	}
}

function Backup({ view }: { readonly view: BackupView }): ReactNode {
	return (
		<Frame database={null}>
			<Back />
			<BackupBanner view={view} />
			<Section id="commands" title="Restore it">
				<p>
					On a machine with the project and its variables in <code>.env.local</code>. Nothing on this site restores or
					deletes.
				</p>
				<Commands commands={view.commands} />
			</Section>
			<Section id="tables" title="Tables">
				<BackupTables view={view} />
			</Section>
			<Section id="proof" title="Proof">
				<BackupProof view={view} />
			</Section>
			<Section id="copies" title="Copies and hold">
				<BackupCopies view={view} />
			</Section>
			<Section id="keys" title="Keys">
				<BackupKeys view={view} />
			</Section>
			<Section id="coverage" title="Media and coverage">
				<BackupCoverage view={view} />
			</Section>
			<Section id="manifest" title="Manifest">
				<BackupManifest view={view} />
			</Section>
		</Frame>
	);
}

function NoBackup({ view: { id, error } }: { readonly view: NoBackupView }): ReactNode {
	return (
		<Frame database={null}>
			<Back />
			<section id="verdict" aria-labelledby="backup-title" className="verdict is-unknown">
				<StandingIcon standing="unknown" />
				<div className="verdict-text">
					<h1 id="backup-title">There is no backup to show</h1>
					<Facts>
						<Fact name="Backup">
							<Code>{id}</Code>
						</Fact>
						<Fact name="Code">
							<Code>{error.code}</Code>
						</Fact>
						<Fact name="Message">
							<Name>{error.message}</Name>
						</Fact>
						{error.hint !== null && (
							<Fact name="Hint">
								<Name>{error.hint}</Name>
							</Fact>
						)}
					</Facts>
				</div>
			</section>
			<Section id="commands" title="What to do next">
				<p>Retention may have removed it since the page that led here was loaded. A copy may have it still:</p>
				<Commands
					commands={[
						{ says: 'The backups that there are, in every store:', command: 'npx tsx scripts/list-backups.ts' },
						{
							says: 'Those of a copy alone:',
							command: 'npx tsx scripts/list-backups.ts --from NAME',
						},
					]}
				/>
			</Section>
		</Frame>
	);
}

function Back(): ReactNode {
	return (
		<p className="back">
			<a href="/">← All backups</a>
		</p>
	);
}
