import { Fragment, type ReactNode } from 'react';
import { formatBytes, formatCount, formatDurationMs, formatMoment, printable } from '../../lib/status/display';
import { backupPath } from './paths';

/** A whole number, with thousands separators. */
export function Count({ of }: { readonly of: number }): ReactNode {
	return <data value={of}>{formatCount(of)}</data>;
}

/** A number of bytes in a readable unit; the exact one when it is asked for. */
export function Bytes({ of }: { readonly of: number }): ReactNode {
	return (
		<data value={of} title={`${formatCount(of)} bytes`}>
			{formatBytes(of)}
		</data>
	);
}

/** A duration; exact, in ms, when it is asked for. */
export function Duration({ ms }: { readonly ms: number }): ReactNode {
	return (
		<data value={ms} title={`${formatCount(Math.round(ms))} ms`}>
			{formatDurationMs(ms)}
		</data>
	);
}

/** A moment, to the second, in UTC. */
export function Moment({ at }: { readonly at: string }): ReactNode {
	return <time dateTime={at}>{formatMoment(at)}</time>;
}

/** A day in UTC, as the calendar has it. */
export function Day({ day }: { readonly day: string }): ReactNode {
	return <time dateTime={day}>{day}</time>;
}

/**
 * A name or a text that others chose: it breaks after its underscores, or anywhere if it must, keeps its direction to itself, and
 * shows control characters.
 */
export function Name({ children }: { readonly children: string }): ReactNode {
	return <bdi className="name">{breaking(printable(children, 'line'))}</bdi>;
}

/** What to do, in words that may hold a command. */
export function Advice({ children }: { readonly children: string }): ReactNode {
	return <bdi className="name">{unbroken(printable(children, 'line'))}</bdi>;
}

/** A text with commands in it: an option stays in one line, as a browser would break it after its dashes. */
export function unbroken(text: string): ReactNode[] {
	return text.split(/(--[a-z][a-z-]*)/).map((part, index) =>
		index % 2 === 0 ? (
			part
		) : (
			<span key={part} className="option">
				{part}
			</span>
		),
	);
}

/** The same for what a machine reads, such as a variable or a code. */
export function Code({ children }: { readonly children: string }): ReactNode {
	return (
		<code>
			<bdi>{breaking(printable(children, 'line'))}</bdi>
		</code>
	);
}

/** A text that breaks after its underscores. */
function breaking(text: string): ReactNode[] {
	const [first = '', ...words] = text.split(/(?<=_)/);
	return [
		first,
		...words.map((word, index) => (
			// biome-ignore lint/suspicious/noArrayIndexKey: they never change their places
			<Fragment key={index}>
				<wbr />
				{word}
			</Fragment>
		)),
	];
}

/** A backup's id, as a link to its page. */
export function BackupLink({ id }: { readonly id: string }): ReactNode {
	return (
		<a href={backupPath(id)} className="id">
			{printable(id, 'line')}
		</a>
	);
}

/** What is not there, as a word that is read aloud too. */
export function Absent({ children }: { readonly children: string }): ReactNode {
	return <span className="absent">{children}</span>;
}
