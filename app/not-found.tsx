import { connection } from 'next/server';
import { NotFoundPage } from './_view/not-found-page';

export const metadata = { title: 'Not found' };

export default async function NotFound() {
	// A page that is made when the app is built has no nonce.
	await connection();
	return <NotFoundPage />;
}
