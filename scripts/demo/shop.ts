import { createClient } from '@libsql/client';
import { fileUrl } from './file-url';

const SCHEMA = `
	CREATE TABLE "_prisma_migrations" (
		id TEXT NOT NULL PRIMARY KEY,
		checksum TEXT NOT NULL,
		finished_at DATETIME,
		migration_name TEXT NOT NULL,
		logs TEXT,
		rolled_back_at DATETIME,
		started_at DATETIME NOT NULL DEFAULT current_timestamp,
		applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0
	);
	CREATE TABLE User (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL, name TEXT, createdAt DATETIME NOT NULL);
	CREATE UNIQUE INDEX User_email_key ON User (email COLLATE NOCASE);
	CREATE TABLE Product (id INTEGER PRIMARY KEY, title TEXT NOT NULL, price REAL NOT NULL, sold INTEGER NOT NULL DEFAULT 0);
	CREATE TABLE "Order" (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		userId TEXT NOT NULL REFERENCES User (id) ON DELETE CASCADE,
		placedAt DATETIME NOT NULL
	);
	CREATE INDEX Order_userId_idx ON "Order" (userId, placedAt DESC);
	CREATE TABLE OrderLine (
		orderId INTEGER NOT NULL REFERENCES "Order" (id) ON DELETE CASCADE,
		productId INTEGER NOT NULL REFERENCES Product (id),
		quantity INTEGER NOT NULL CHECK (quantity > 0),
		PRIMARY KEY (orderId, productId)
	) WITHOUT ROWID;
	CREATE TABLE MediaAsset (id TEXT NOT NULL PRIMARY KEY, productId INTEGER REFERENCES Product (id), url TEXT NOT NULL, size INTEGER, digest BLOB);
	CREATE TABLE Oddity (id INTEGER PRIMARY KEY, what TEXT NOT NULL, value);
	CREATE VIEW Sales AS
		SELECT p.title, sum(l.quantity) AS pieces, sum(l.quantity * p.price) AS revenue
		FROM OrderLine l JOIN Product p ON p.id = l.productId GROUP BY p.id;
	-- Were it to fire while rows are restored, every count would be doubled.
	CREATE TRIGGER OrderLine_sold AFTER INSERT ON OrderLine BEGIN
		UPDATE Product SET sold = sold + new.quantity WHERE id = new.productId;
	END;
	PRAGMA user_version = 7;
`;

const ROWS = `
	INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES
		('0b6e3c1a', hex(zeroblob(32)), 1795226400123, '20261101090000_init', 1795226400000, 1),
		('5d02f7c9', hex(zeroblob(32)), 1795312800456, '20261102090000_media', 1795312800000, 1);
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40)
	INSERT INTO User SELECT printf('u%03d', i), printf('user%d@example.com', i),
		CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 'Zoë 🛟' ELSE 'User ' || i END, '2026-11-01T08:00:00.000Z' FROM n;
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 12)
	INSERT INTO Product (id, title, price) SELECT i, 'Product ' || i, i * 1.1 FROM n;
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 121)
	INSERT INTO "Order" (userId, placedAt) SELECT printf('u%03d', 1 + i * 7 % 40), '2026-11-' || printf('%02d', 1 + i % 20) FROM n;
	INSERT INTO OrderLine SELECT o.id, p.id, 1 + (o.id + p.id) % 3
		FROM "Order" o JOIN Product p ON (o.id + p.id) % 5 = 0 WHERE o.id <= 120;
	-- The number of a deleted order must not come again.
	DELETE FROM "Order" WHERE id = 121;
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 30)
	INSERT INTO MediaAsset SELECT printf('m%03d', i), 1 + i % 12,
		printf('https://shop.public.blob.vercel-storage.com/media/%d.webp', i), i * 10007, zeroblob(i % 3) || x'' FROM n;
	INSERT INTO Oddity (what, value) VALUES
		('the largest integer', 9223372036854775807),
		('the smallest integer', -9223372036854775808),
		('an integer that a JavaScript number cannot hold', 9007199254740993),
		('a real that is whole', 1.0),
		('a real that needs 17 digits', 0.1 + 0.2),
		('minus zero', -0.0),
		('infinity', 9e999),
		('bytes', x'00ff10f09f'),
		('no bytes', x''),
		('text with a NUL within', 'before' || char(0) || 'after'),
		('an emoji of several code points', '👩🏽‍🚀'),
		('text that looks like a number', '007'),
		('nothing', NULL);
`;

/** Makes a small shop as a libSQL file, with values that careless copies lose. */
export async function makeShop(path: string): Promise<void> {
	const client = createClient({ url: fileUrl(path) });
	try {
		await client.executeMultiple(`BEGIN; ${SCHEMA} ${ROWS} COMMIT;`);
	} finally {
		client.close();
	}
}
