import type { ReactNode } from 'react';
import type { Setting } from '../../lib/status/view';
import { DataTable, type Row } from './data-table';
import { Folded } from './section';
import { Absent, Code, Name } from './values';

const COLUMNS = [{ heading: 'Variable' }, { heading: 'In force', kind: 'wide' }] as const;
/** As many as this are not worth folding away. */
const FEW = 8;

/** The settings in force, without what is secret. What is not set is folded away, if it is much. */
export function Configuration({ settings }: { readonly settings: readonly Setting[] }): ReactNode {
	const unset = settings.filter(({ value }) => value === null);
	const isFolded = unset.length > FEW;
	const shown = isFolded ? settings.filter(({ value }) => value !== null) : settings;
	return (
		<>
			<DataTable id="configuration-table" label="Configuration in force" columns={COLUMNS} rows={shown.map(rowOf)} />
			{isFolded && (
				<Folded summary={`${unset.length} more that are not set, and what holds instead`}>
					<DataTable label="Configuration that is not set" columns={COLUMNS} rows={unset.map(rowOf)} />
				</Folded>
			)}
		</>
	);
}

function rowOf(setting: Setting): Row {
	return {
		key: setting.variable,
		cells: [<Code key="variable">{setting.variable}</Code>, <InForce key="value" setting={setting} />],
	};
}

/** What may be told of a secret; anything else would be the secret itself. */
const SECRET_STATES = ['set', 'set, and not fit'];

function InForce({ setting: { value, fallback, isSecret } }: { readonly setting: Setting }): ReactNode {
	if (value !== null && isSecret) return `${SECRET_STATES.includes(value) ? value : 'set'} (secret, never shown)`;
	if (value !== null) return <Name>{value}</Name>;
	if (fallback === null) return <Absent>not set</Absent>;
	return (
		<>
			<Absent>not set: </Absent>
			<Name>{fallback}</Name>
		</>
	);
}
