import type { ReactNode } from 'react';
import type { Finding, RunbookLink, Verdict } from '../../lib/status/view';
import { ageWords } from '../../lib/status/words';
import { Fact, Facts } from './section';
import { StandingIcon, StandingTag } from './standing';
import { Advice, Moment, Name } from './values';

interface VerdictBannerProps {
	readonly verdict: Verdict;
	/** When it was found, by which the time since is told; null: nobody asked anything. */
	readonly readAt: string | null;
	/** What stands under it, in small. */
	readonly children?: ReactNode;
}

/** The one sentence at the top, and what else is wrong. */
export function VerdictBanner({ verdict, readAt, children }: VerdictBannerProps): ReactNode {
	const { standing, word, sentence, since, action, runbook, also } = verdict;
	return (
		<section id="verdict" aria-labelledby="verdict-title" className={`verdict is-${standing}`}>
			<StandingIcon standing={standing} />
			<div className="verdict-text">
				<h1 id="verdict-title">
					<span className="word">{word}</span>
					<span className="unseen">: </span>
					<span className="sentence">
						<Name>{sentence}</Name>
					</span>
				</h1>
				<Facts>
					{since !== null && (
						<Fact name="Since">
							<Moment at={since} />
							{readAt !== null && `, for ${ageWords(Date.parse(readAt) - Date.parse(since))}`}
						</Fact>
					)}
					{action !== null && (
						<Fact name="What to do">
							<Advice>{action}</Advice>
						</Fact>
					)}
					{runbook !== null && (
						<Fact name="Runbook">
							<RunbookReference to={runbook} />
						</Fact>
					)}
				</Facts>
				{children}
			</div>
			{also.length > 0 && <Findings findings={also} />}
		</section>
	);
}

function Findings({ findings }: { readonly findings: readonly Finding[] }): ReactNode {
	return (
		<div className="also">
			<h2>Also</h2>
			<ul>
				{findings.map(({ standing, sentence, action, runbook }) => (
					<li key={sentence}>
						<StandingTag standing={standing} />
						<div>
							<p>
								<Name>{sentence}</Name>
							</p>
							{action !== null && (
								<p>
									What to do: <Advice>{action}</Advice>
								</p>
							)}
							{runbook !== null && (
								<p>
									Runbook: <RunbookReference to={runbook} />
								</p>
							)}
						</div>
					</li>
				))}
			</ul>
		</div>
	);
}

/** The runbook's section: a link, or where it is. */
export function RunbookReference({ to }: { readonly to: RunbookLink }): ReactNode {
	if (to.url !== null)
		return (
			<a href={to.url} rel="noreferrer">
				{to.title}
			</a>
		);
	return (
		<span>
			{to.title}, <code className="name">{to.path}</code>
		</span>
	);
}
