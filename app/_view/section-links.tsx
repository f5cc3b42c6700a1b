import type { ReactNode } from 'react';

interface SectionLinksProps {
	readonly sections: readonly { readonly id: string; readonly title: string }[];
}

/** The way to the sections of a long page. */
export function SectionLinks({ sections }: SectionLinksProps): ReactNode {
	return (
		<nav className="contents" aria-label="On this page">
			<ul>
				{sections.map(({ id, title }) => (
					<li key={id}>
						<a href={`#${id}`}>{title}</a>
					</li>
				))}
			</ul>
		</nav>
	);
}
