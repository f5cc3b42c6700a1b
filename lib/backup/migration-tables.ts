/**
 * The tables in which migration tools keep what they have applied: in a database that has been migrated before its
 * data is restored, they are right already. Names in lower case.
 */
const MIGRATION_TABLES: ReadonlySet<string> = new Set([
	'_prisma_migrations', // Prisma
	'__drizzle_migrations', // Drizzle
	'knex_migrations', // Knex
	'knex_migrations_lock',
	'kysely_migration', // Kysely
	'kysely_migration_lock',
	'sequelizemeta', // Sequelize
	'mikro_orm_migrations', // MikroORM
	'schema_migrations', // Rails, dbmate, golang-migrate
	'ar_internal_metadata',
	'goose_db_version', // goose
	'_sqlx_migrations', // sqlx
	'alembic_version', // Alembic
	'django_migrations', // Django
	'atlas_schema_revisions', // Atlas
	'flyway_schema_history', // Flyway
	'd1_migrations', // Wrangler
]);

/** Claims that a table belongs to a migration tool, not to the data. */
export function isMigrationTable(name: string): boolean {
	return MIGRATION_TABLES.has(name.toLowerCase());
}
