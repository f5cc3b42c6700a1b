import { createHmac } from 'node:crypto';
import type { RetryContext } from '../core/retry';
import { type Alert, runbookOf } from './alert';
import { post } from './post';
import type { WebhookSettings } from './settings';

/** What stands before a key in its variable. */
const KEY_PREFIX = 'whsec_';

/**
 * Sends an alert as JSON, signed as Standard Webhooks 1.0.0 has it, so that any library for these verifies it:
 * `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature` (`v1,` and the HMAC-SHA256 of `id.timestamp.body` in
 * Base64). The timestamp is that of the try; the id stays the same.
 *
 * @throws LifeboatError `CHANNEL_FAILED`
 */
export function sendToWebhook(
	{ url, secret }: WebhookSettings,
	alert: Alert,
	id: string,
	context: RetryContext,
): Promise<void> {
	const key = Buffer.from(secret.reveal().slice(KEY_PREFIX.length), 'base64');
	const { kind, at, ...facts } = alert;
	const data = { ...facts, runbook: runbookOf(alert) };
	const body = JSON.stringify({ type: `lifeboat.${kind}`, timestamp: at, data });
	const headersAt = (now: Date) => {
		const timestamp = String(Math.floor(now.getTime() / 1000));
		return {
			'content-type': 'application/json',
			'webhook-id': id,
			'webhook-timestamp': timestamp,
			'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
		};
	};
	return post({ to: 'webhook', url, headersAt, body }, context);
}
