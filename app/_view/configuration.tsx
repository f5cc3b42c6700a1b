import type { ReactNode } from 'react';
import type { Setting } from '../../lib/status/view';
import { DataTable } from './data-table';
import { Absent, Code, Name } from './values';

/** The settings in force, without what is secret. */
export function Configuration({ settings }: { readonly settings: readonly Setting[] }): ReactNode {
	return (
		<DataTable
			id="configuration-table"
			label="Configuration in force"
			columns={[{ heading: 'Variable' }, { heading: 'In force', kind: 'wide' }]}
			rows={settings.map((setting) => ({
				key: setting.variable,
				cells: [<Code key="variable">{setting.variable}</Code>, <InForce key="value" setting={setting} />],
			}))}
		/>
	);
}

function InForce({ setting: { value, fallback, isSecret } }: { readonly setting: Setting }): ReactNode {
	if (value !== null && isSecret) return <span className="secret">set; a secret, and never shown</span>;
	if (value !== null) return <Name>{value}</Name>;
	if (fallback === null) return <Absent>not set</Absent>;
	return (
		<>
			<Absent>not set: </Absent>
			<Name>{fallback}</Name>
		</>
	);
}
