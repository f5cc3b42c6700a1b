/** What is used of it here; its types are a package of their own, which nothing else needs. */
declare module 'react-dom/server' {
	export function renderToStaticMarkup(node: import('react').ReactNode): string;
}
