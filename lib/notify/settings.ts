import type { Secret } from '../core/secret';

/** Whom alerts are sent to; null: not by this way. */
export interface ChannelSettings {
	readonly slack: Secret | null;
	readonly webhook: WebhookSettings | null;
	readonly email: EmailSettings | null;
}

export interface WebhookSettings {
	readonly url: Secret;
	/** `whsec_` and the key in Base64. */
	readonly secret: Secret;
}

export interface EmailSettings {
	readonly apiKey: Secret;
	/** An origin, and perhaps a path; no slash at the end. */
	readonly baseUrl: string;
	readonly from: string;
	readonly to: readonly string[];
}
