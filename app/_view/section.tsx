import type { ReactNode } from 'react';

interface SectionProps {
	/** The fragment it is linked by; unique on the page. */
	readonly id: string;
	readonly title: string;
	readonly children: ReactNode;
}

/** A part of a page with a heading of the second level. */
export function Section({ id, title, children }: SectionProps): ReactNode {
	return (
		<section id={id} aria-labelledby={`${id}-title`} className="section">
			<h2 id={`${id}-title`}>{title}</h2>
			{children}
		</section>
	);
}

interface ScrollRegionProps {
	/** What it holds; unique on the page. */
	readonly label: string;
	/** The end of what it holds is what matters, and is shown first. */
	readonly fromEnd?: boolean;
	readonly children: ReactNode;
}

/** What may be wider than a narrow window: it scrolls by itself, by the keyboard too, and the page does not. */
export function ScrollRegion({ label, fromEnd = false, children }: ScrollRegionProps): ReactNode {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach
		<section className={fromEnd ? 'scroll from-end' : 'scroll'} aria-label={label} tabIndex={0}>
			{children}
		</section>
	);
}

/** What is folded away until it is asked for. */
export function Folded({ summary, children }: { readonly summary: string; readonly children: ReactNode }): ReactNode {
	return (
		<details className="folded">
			<summary>{summary}</summary>
			{children}
		</details>
	);
}

/** Facts as words and what there is to say of them. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
	return <dl className="facts">{children}</dl>;
}

/** One of them. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}
