import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page in a window of its own, and all that went wrong in it. */
export interface Visit {
	readonly page: Page;
	/**
	 * What nobody may see: errors of scripts, what the Content-Security-Policy forbade, requests that failed or that were
	 * not for the site's own origin. In order; none, if all is well.
	 */
	readonly faults: readonly string[];
	close(): Promise<void>;
}

/** Opens a window on a site, without cookies but those of `storageState`. Nothing is asked of the site yet. */
export async function openVisit(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Visit> {
	const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', timezoneId: 'UTC', ...options });
	const faults: string[] = [];
	await context.exposeFunction('lifeboatTestViolation', (what: string) => faults.push(`forbidden: ${what}`));
	await context.addInitScript(TELL_VIOLATIONS);
	const page = await context.newPage();
	page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
	page.on('console', (message) => {
		// An answer's status is looked at below.
		const isStatus = message.text().startsWith('Failed to load resource');
		if (['error', 'warning'].includes(message.type()) && !isStatus) faults.push(`console: ${message.text()}`);
	});
	page.on('request', (request) => {
		const { protocol, origin: asked } = new URL(request.url());
		if (protocol !== 'data:' && asked !== origin) faults.push(`elsewhere: ${request.method()} ${request.url()}`);
	});
	page.on('requestfailed', (request) => {
		const why = request.failure()?.errorText;
		const isScript = request.resourceType() === 'script';
		// The browser has left the page; or it runs no scripts, and tells so by this word.
		const isMeant = why === 'net::ERR_ABORTED' || (why === 'csp' && isScript && options.javaScriptEnabled === false);
		if (!isMeant) faults.push(`failed: ${request.url()} ${why}`);
	});
	page.on('response', (response) => {
		const isPage = response.request().isNavigationRequest();
		if (!isPage && response.status() >= 400) faults.push(`answered ${response.status()}: ${response.url()}`);
	});
	return { page, faults, close: () => context.close() };
}

/** As text: a function would bring the names of its compiler with it. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) =>
	lifeboatTestViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample + ' ' + event.lineNumber))`;
