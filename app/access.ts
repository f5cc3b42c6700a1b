import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { accessOf } from '../lib/http/page-access';
import { signInPath } from '../lib/http/sign-in-path';

/** Lets a page go on for who has signed in. Others are sent to the sign-in, and come back to `path`; 404 where there is no page. */
export async function requireSession(path: string): Promise<void> {
	const access = await accessOf({ env: process.env, headers: await headers() });
	if (access === 'closed') notFound();
	if (access === 'unsigned') redirect(signInPath(path));
}

/** Lets the sign-in page go on for who has not signed in. Others are sent on to `next`; 404 where there is no page. */
export async function requireStranger(next: string): Promise<void> {
	const access = await accessOf({ env: process.env, headers: await headers() });
	if (access === 'closed') notFound();
	if (access !== 'unsigned') redirect(next);
}
