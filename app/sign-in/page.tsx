import { type PageQuery, readSignIn } from '../../lib/http/sign-in-path';
import { SignInPage } from '../_view/sign-in-page';
import { requireStranger } from '../access';

export const dynamic = 'force-dynamic';
export const metadata = { title: 'Sign in' };

export default async function Page({ searchParams }: { readonly searchParams: Promise<PageQuery> }) {
	const { state, next } = readSignIn(await searchParams);
	await requireStranger(next);
	return <SignInPage state={state} next={next} />;
}
