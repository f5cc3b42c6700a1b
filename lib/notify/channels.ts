import type { RetryContext } from '../core/retry';
import type { Alert } from './alert';
import { sendEmail } from './email';
import type { ChannelSettings } from './settings';
import { sendToSlack } from './slack';
import { sendToWebhook } from './webhook';

/** A way to tell somebody. */
export interface Channel {
	readonly name: 'slack' | 'webhook' | 'email';
	/**
	 * Sends one alert, and tries again for a while.
	 *
	 * @param id the same for one alert however often it is tried, so that a receiver can tell
	 * @throws LifeboatError `CHANNEL_FAILED`
	 */
	send(alert: Alert, id: string, context: RetryContext): Promise<void>;
}

/** The channels that are set up. Nothing is sent before their first use. */
export function openChannels({ slack, webhook, email }: ChannelSettings): Channel[] {
	const channels: Channel[] = [];
	if (slack) channels.push({ name: 'slack', send: (alert, _, context) => sendToSlack(slack, alert, context) });
	if (webhook)
		channels.push({ name: 'webhook', send: (alert, id, context) => sendToWebhook(webhook, alert, id, context) });
	if (email) channels.push({ name: 'email', send: (alert, id, context) => sendEmail(email, alert, id, context) });
	return channels;
}
