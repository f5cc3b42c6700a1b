import type { ReactNode } from 'react';
import type { Setting, UnreachableView } from '../../lib/status/view';
import { Commands } from './commands';
import { Configuration } from './configuration';
import { Frame } from './frame';
import { Fact, Facts, Section } from './section';
import { Code, Moment, Name } from './values';
import { VerdictBanner } from './verdict';

/** The page while the store cannot be asked. */
export function Unreachable({ view }: { readonly view: UnreachableView }): ReactNode {
	const { database, verdict, error, readAt, configuration } = view;
	const copies = copiesOf(configuration);
	return (
		<Frame database={database}>
			<VerdictBanner verdict={verdict} readAt={readAt}>
				<p className="freshness">
					Asked at <Moment at={readAt} />.
				</p>
			</VerdictBanner>
			<Section id="error" title="What the store said">
				<Facts>
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
			</Section>
			<Section id="next" title="What to do next">
				<p>
					That the store does not answer does not mean that backups are lost. Load this page again in a minute; see
					whether the store's provider has an incident; then whether its token still holds.
				</p>
				<p>
					{copies.length > 0
						? 'Copies can be read without it:'
						: 'No copy is configured here. If there is one after all, it can be read without this store:'}
				</p>
				<Commands
					commands={(copies.length > 0 ? copies : ['NAME']).map((name) => ({
						says: `The backups in the copy ${name}, from a machine with its settings in .env.local:`,
						command: `npx tsx scripts/list-backups.ts --from ${name}`,
					}))}
				/>
			</Section>
			<Section id="configuration" title="Configuration in force">
				<Configuration settings={configuration} />
			</Section>
		</Frame>
	);
}

/** The names of the copies that are configured. */
function copiesOf(configuration: readonly Setting[]): string[] {
	const value = configuration.find(({ variable }) => variable === 'BACKUP_COPIES')?.value ?? '';
	return value.split(/[\s,]+/).filter((name) => /^[\w-]+$/.test(name));
}
