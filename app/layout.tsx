import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import './_view/status.css';

export const metadata: Metadata = {
	title: { default: 'Lifeboat', template: '%s · Lifeboat' },
	robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function Layout({ children }: { readonly children: ReactNode }) {
	return (
		<html lang="en">
			<body>{children}</body>
		</html>
	);
}
