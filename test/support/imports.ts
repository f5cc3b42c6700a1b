import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parse } from '@babel/parser';

/** What one file asks of others. Paths are relative to the root of the project, with `/`. */
export interface SourceFile {
	readonly path: string;
	/** As they are written, of any kind: static, dynamic, type-only, re-exported, `require`. */
	readonly imports: readonly string[];
	/** An `import()` of something else than a literal: nobody can tell where it leads. */
	readonly hasBlindImport: boolean;
	readonly readsEnvironment: boolean;
}

type Node = { readonly type: string } & Record<string, unknown>;

/** Reads every `.ts` and `.tsx` file under `folders` of `root`. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
	const paths = folders.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
			.filter((name) => /\.[mc]?tsx?$/.test(name))
			.map((name) =>
				relative(root, join(root, folder, name))
					.split(sep)
					.join('/'),
			),
	);
	return paths.sort().map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

export function parseSource(path: string, text: string): SourceFile {
	const { program } = parse(text, {
		sourceFilename: path,
		sourceType: 'module',
		createImportExpressions: true,
		// With `estree`, nodes have the standard names.
		plugins: ['typescript', 'estree', ...(path.endsWith('x') ? ['jsx' as const] : [])],
	});
	const imports: string[] = [];
	let hasBlindImport = false;
	let readsEnvironment = false;
	visit(program as unknown as Node, (node) => {
		const source = sourceOf(node);
		if (typeof source === 'string') imports.push(source);
		else if (source === BLIND) hasBlindImport = true;
		readsEnvironment ||= isEnvironmentRead(node);
	});
	return { path, imports, hasBlindImport, readsEnvironment };
}

/** The file among `paths` that `specifier` means in `from`; null for a package. */
export function resolveImport(from: string, specifier: string, paths: ReadonlySet<string>): string | null {
	if (!specifier.startsWith('.')) return null;
	const target = posix.normalize(posix.join(dirname(from), specifier));
	const candidates = [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`, target.replace(/\.js$/, '.ts')];
	return candidates.find((candidate) => paths.has(candidate)) ?? target;
}

function visit(node: Node, see: (node: Node) => void): void {
	see(node);
	// To set a variable for a library that takes its options no other way is not to read one.
	const parts = isEnvironmentWrite(node) ? [node.right] : Object.values(node);
	for (const value of parts) {
		for (const child of Array.isArray(value) ? value : [value]) {
			if (typeof child === 'object' && child !== null && 'type' in child) visit(child as Node, see);
		}
	}
}

const BLIND = Symbol('not a literal');

function sourceOf(node: Node): string | typeof BLIND | null {
	switch (node.type) {
		case 'ImportDeclaration':
		case 'ExportAllDeclaration':
		case 'ExportNamedDeclaration':
		case 'ImportExpression':
			return node.source === null || node.source === undefined ? null : literalOf(node.source as Node);
		case 'TSImportType':
			return literalOf(node.argument as Node);
		case 'TSExternalModuleReference':
			return literalOf(node.expression as Node);
		case 'CallExpression': {
			const { callee, arguments: words } = node as unknown as { callee: Node; arguments: Node[] };
			return callee.type === 'Identifier' && callee.name === 'require' && words[0] ? literalOf(words[0]) : null;
		}
		default:
			return null;
	}
}

function literalOf(node: Node): string | typeof BLIND {
	if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
	const quasis = node.quasis as { value: { cooked: string } }[] | undefined;
	return node.type === 'TemplateLiteral' && quasis?.length === 1 && quasis[0] ? quasis[0].value.cooked : BLIND;
}

function isEnvironmentWrite(node: Node): boolean {
	if (node.type !== 'AssignmentExpression' || node.operator !== '=') return false;
	const { type, object } = node.left as { type: string; object?: Node };
	return type === 'MemberExpression' && object !== undefined && isEnvironmentRead(object);
}

function isEnvironmentRead(node: Node): boolean {
	if (node.type === 'MemberExpression') {
		const { object, property } = node as unknown as { object: Node; property: Node };
		const ofProcess = object.name === 'process' || (object.property as Node | undefined)?.name === 'process';
		return ofProcess && (property.name === 'env' || property.value === 'env');
	}
	if (node.type === 'VariableDeclarator') {
		const { id, init } = node as unknown as { id: Node; init: Node | null };
		const properties = (id.properties ?? []) as { key?: Node }[];
		return init?.name === 'process' && properties.some(({ key }) => key?.name === 'env');
	}
	if (node.type === 'ImportDeclaration') {
		const { source, specifiers } = node as unknown as { source: { value: string }; specifiers: { imported?: Node }[] };
		return /^(node:)?process$/.test(source.value) && specifiers.some(({ imported }) => imported?.name === 'env');
	}
	return false;
}
