import type { RetryContext } from '../core/retry';
import type { Secret } from '../core/secret';
import { type Alert, bodyOf, titleOf } from './alert';
import { post } from './post';

/**
 * Sends an alert to an incoming webhook of Slack, or of what takes the same (`{ "text" }`): Mattermost, Google Chat,
 * Discord by its `/slack` address.
 *
 * @throws LifeboatError `CHANNEL_FAILED`
 */
export function sendToSlack(url: Secret, alert: Alert, context: RetryContext): Promise<void> {
	const text = `*${escapeText(titleOf(alert))}*\n${escapeText(bodyOf(alert))}`;
	const headers = { 'content-type': 'application/json' };
	return post({ to: 'slack', url, headersAt: () => headers, body: JSON.stringify({ text }) }, context);
}

/** What Slack takes for links and names otherwise. */
function escapeText(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
