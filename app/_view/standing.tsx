import type { ReactNode } from 'react';
import type { Standing } from '../../lib/status/view';

/** The word for a standing, where nothing better is told. */
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
	good: 'Good',
	warning: 'Warning',
	bad: 'Bad',
	unknown: 'Unknown',
};

/** Another outline for each, so that they differ without colour: a disc, a triangle, an octagon, a ring. */
const OUTLINES: Readonly<Record<Standing, ReactNode>> = {
	good: <circle cx="12" cy="12" r="11" className="fill" />,
	warning: <path d="M12 1.5 23.2 21.5a.6.6 0 0 1-.5.9H1.3a.6.6 0 0 1-.5-.9Z" className="fill" />,
	bad: <path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4Z" className="fill" />,
	unknown: <circle cx="12" cy="12" r="10" className="ring" strokeDasharray="4 2.28" />,
};

const SIGNS: Readonly<Record<Standing, ReactNode>> = {
	good: <path d="m6.5 12.5 3.8 3.8 7.4-8" className="sign" />,
	warning: <path d="M12 8.5v6.2m0 3v.4" className="sign" />,
	bad: <path d="m8 8 8 8m0-8-8 8" className="sign" />,
	unknown: <path d="M9.2 9.3a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.1-1.5 2.2m0 3v.4" className="sign-in-ring" />,
};

/** The sign of a standing. It says nothing aloud: a word always stands beside it. */
export function StandingIcon({ standing }: { readonly standing: Standing }): ReactNode {
	return (
		<svg className={`standing-icon is-${standing}`} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
			{OUTLINES[standing]}
			{SIGNS[standing]}
		</svg>
	);
}

interface StandingTagProps {
	readonly standing: Standing;
	/** Said instead of the standing's own word. */
	readonly word?: string;
}

/** A standing in a line of text or a table: sign, word and colour. */
export function StandingTag({ standing, word = STANDING_WORDS[standing] }: StandingTagProps): ReactNode {
	return (
		<span className={`tag is-${standing}`}>
			<StandingIcon standing={standing} />
			<span className="word">{word}</span>
		</span>
	);
}
