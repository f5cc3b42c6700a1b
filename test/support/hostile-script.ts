import { below, mutate, pick } from './mutate';

/** What dumps are made of. */
const DUMPED = [
	'PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n',
	'CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, "c;" REAL DEFAULT 1.5);\n',
	"INSERT INTO t VALUES(1,'it''s; fine',2.5);\nINSERT INTO t VALUES(2,NULL,-1e999);\n",
	"INSERT INTO t VALUES(3,unistr('a\\u000ab\\\\'),9223372036854775807),(4,X'00ff',-0.0);\n",
	"INSERT INTO t VALUES(5,replace('a\\nb','\\n',char(10)),1.0); -- a comment; with a semicolon\n/* and ; another */\n",
	"CREATE TABLE auto(id INTEGER PRIMARY KEY AUTOINCREMENT, v);\nDELETE FROM sqlite_sequence;\nINSERT INTO sqlite_sequence VALUES('auto',7);\n",
	"PRAGMA writable_schema=ON;\nINSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','f','f',0,'CREATE VIRTUAL TABLE f USING fts5(a)');\n",
	"CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);\nPRAGMA writable_schema=OFF;\n",
	'CREATE UNIQUE INDEX i ON t(b, "c;") WHERE b IS NOT NULL;\nCREATE VIEW v AS SELECT count(*) FROM t;\n',
	"CREATE TRIGGER g AFTER INSERT ON t WHEN new.a > 9 BEGIN UPDATE t SET b = 'END;' WHERE a = 1; END;\n",
	'PRAGMA user_version=7;\nCOMMIT;\n',
];

/** What has no business in a dump. */
const FOREIGN = [
	"INSERT INTO t VALUES(9,'x',1) RETURNING CAST(x'ff' AS TEXT);\n",
	"INSERT INTO t(b) VALUES(CAST(x'ff00' AS TEXT));\n",
	"INSERT INTO t(b) VALUES(unistr('\\U0001F680')),(unistr('\\ud83d'));\n",
	"INSERT INTO t(b) SELECT json_extract('{}', CAST(x'ff' AS TEXT));\n",
	'INSERT INTO t(b) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;\n',
	'WITH c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;\n',
	'INSERT INTO t(b) VALUES(zeroblob(3000000)),(randomblob(9)),(hex(zeroblob(99)));\n',
	"ATTACH 'x.db' AS e; DETACH e;\n",
	"SELECT writefile('x', 'y'), load_extension('z');\n",
	'SAVEPOINT replay; ROLLBACK TO replay; RELEASE replay;\n',
	'DROP TABLE t; ALTER TABLE t RENAME TO u; REINDEX; ANALYZE; VACUUM;\n',
	'.shell true\nPRAGMA journal_mode=WAL; PRAGMA encoding="UTF-16le"; PRAGMA page_size=1024;\n',
	'CREATE TEMP TABLE t(a); CREATE TABLE u AS SELECT * FROM t;\n',
	"UPDATE sqlite_schema SET sql = 'x'; DELETE FROM sqlite_master;\n",
	'BEGIN; END; COMMIT; ROLLBACK;\n',
];

const pieces = [...DUMPED, ...FOREIGN].map((text) => Buffer.from(text));

/** An SQL script that is nearly a dump: statements are missing, doubled, foreign, and changed byte by byte. */
export function hostileScript(random: () => number): Buffer {
	const statements = DUMPED.filter(() => random() < 0.93);
	if (random() < 0.4) statements.splice(below(random, statements.length + 1), 0, pick(random, FOREIGN));
	const script = Buffer.from(statements.join(''));
	return random() < 0.4 ? script : mutate(script, random, pieces);
}
