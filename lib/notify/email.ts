import type { RetryContext } from '../core/retry';
import { Secret } from '../core/secret';
import { type Alert, bodyOf, titleOf } from './alert';
import { post } from './post';
import type { EmailSettings } from './settings';

/**
 * Sends an alert as an e-mail, by Resend's API. The idempotency key keeps a try whose answer was lost from becoming a
 * second message.
 *
 * @throws LifeboatError `CHANNEL_FAILED`
 */
export function sendEmail(
	{ apiKey, baseUrl, from, to }: EmailSettings,
	alert: Alert,
	id: string,
	context: RetryContext,
): Promise<void> {
	const headers = {
		authorization: `Bearer ${apiKey.reveal()}`,
		'content-type': 'application/json',
		'idempotency-key': id,
	};
	const body = JSON.stringify({ from, to, subject: titleOf(alert), text: bodyOf(alert) });
	return post({ to: 'email', url: new Secret(`${baseUrl}/emails`), headersAt: () => headers, body }, context);
}
