import type { ReactNode } from 'react';
import { printable } from '../../lib/status/display';
import { Name, unbroken } from './values';

interface CommandsProps {
	/** In the order in which they are typed. */
	readonly commands: readonly { readonly says: string; readonly command: string }[];
}

/** Commands to copy, each with what it does. They wrap rather than scroll; what is selected has no breaks but their own. */
export function Commands({ commands }: CommandsProps): ReactNode {
	return (
		<ol className="commands">
			{commands.map(({ says, command }) => (
				<li key={`${says} ${command}`}>
					<p>
						<Name>{says}</Name>
					</p>
					<pre>
						<code>{unbroken(printable(command))}</code>
					</pre>
				</li>
			))}
		</ol>
	);
}
