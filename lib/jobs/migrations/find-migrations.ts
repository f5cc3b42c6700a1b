import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LifeboatError } from '../../core/errors';
import { drizzle, JOURNAL } from './drizzle';
import { prisma, SCRIPT } from './prisma';
import type { MigrationTool } from './tool';

/** The tools known, and where each keeps its migrations unless told otherwise. */
const TOOLS = [
	{ tool: prisma, folder: join('prisma', 'migrations') },
	{ tool: drizzle, folder: 'drizzle' },
] as const;

export interface FoundMigrations {
	readonly tool: MigrationTool;
	/** Absolute. */
	readonly folder: string;
}

/**
 * Finds the folder of migrations, and whose it is.
 *
 * @param wanted the tool, and the folder, as far as they were named
 * @throws LifeboatError `MIGRATIONS_NOT_FOUND`; `USAGE_INVALID` if there are those of both tools
 */
export async function findMigrations(
	wanted: { readonly tool?: MigrationTool['name']; readonly folder?: string },
	cwd: string,
): Promise<FoundMigrations> {
	const candidates = TOOLS.filter(({ tool }) => wanted.tool === undefined || wanted.tool === tool.name).map(
		({ tool, folder }) => ({ tool, folder: resolve(cwd, wanted.folder ?? folder) }),
	);
	const found: FoundMigrations[] = [];
	for (const candidate of candidates) if (await isOf(candidate)) found.push(candidate);
	const [first, second] = found;
	if (first && second)
		throw new LifeboatError(
			'USAGE_INVALID',
			`there are migrations of two tools: ${first.folder} and ${second.folder}`,
			{
				hint: 'say --tool prisma or --tool drizzle',
			},
		);
	if (first) return first;
	throw new LifeboatError(
		'MIGRATIONS_NOT_FOUND',
		`there are no migrations in ${candidates
			.map(({ folder }) => folder)
			.filter(isFirst)
			.join(' or ')}`,
		{ hint: 'run it from the project, or say --folder; a folder of Drizzle has meta/_journal.json in it' },
	);
}

/** By what is in it: a journal is Drizzle's, a script in a folder of its own is Prisma's. */
async function isOf({ tool, folder }: FoundMigrations): Promise<boolean> {
	if (tool === drizzle) return isFile(join(folder, JOURNAL));
	const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
	for (const { name } of entries.filter((entry) => entry.isDirectory())) {
		// With a snapshot beside it, it is one of Drizzle 1.0, whose books are others.
		const isDrizzle = await isFile(join(folder, name, 'snapshot.json'));
		if (!isDrizzle && (await isFile(join(folder, name, SCRIPT)))) return true;
	}
	return false;
}

async function isFile(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null))?.isFile() ?? false;
}

function isFirst(item: string, index: number, items: readonly string[]): boolean {
	return items.indexOf(item) === index;
}
