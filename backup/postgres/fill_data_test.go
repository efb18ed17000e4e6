package postgres

// rich is a database with what is hard to bring back. Its event triggers raise when they fire
// during a restore.
func rich() []string {
	return []string{
		`CREATE EXTENSION hstore`,
		`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`,
		`CREATE DOMAIN positive AS int CHECK (VALUE > 0)`,
		`CREATE TABLE plain (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n positive, twice int GENERATED ALWAYS AS (n * 2) STORED, t text COLLATE "C", h hstore, m mood, b bytea, f float8, ts timestamptz, gone int)`,
		`ALTER TABLE plain DROP COLUMN gone`,
		`INSERT INTO plain (n, t, h, m, b, f, ts) SELECT i, repeat(md5(i::text), 1 + i % 9) || E'\t\\\n', hstore('k', i::text), 'ok', decode(md5(i::text), 'hex'), 1.0 / i, now() FROM generate_series(1, 20000) i`,
		`INSERT INTO plain (n, f) VALUES (1, 'NaN'), (2, 'infinity')`,
		`CREATE INDEX ON plain (t)`, `CREATE INDEX ON plain USING gist (h)`,
		`CREATE TABLE nothing ()`, `INSERT INTO nothing DEFAULT VALUES`, `INSERT INTO nothing DEFAULT VALUES`,
		`CREATE TABLE "we""ird ` + "\n" + ` näme🦀" ("co""l" int, "-x" text)`, `INSERT INTO "we""ird ` + "\n" + ` näme🦀" VALUES (1, 'a'), (2, NULL)`,
		`CREATE TABLE parent (a int)`, `CREATE TABLE kid (b int) INHERITS (parent)`, `INSERT INTO parent VALUES (1)`, `INSERT INTO kid VALUES (2, 3)`,
		`CREATE TABLE ranged (d date, v int) PARTITION BY RANGE (d)`,
		`CREATE TABLE ranged_1 PARTITION OF ranged FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`,
		`CREATE TABLE ranged_2 PARTITION OF ranged FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')`,
		`INSERT INTO ranged SELECT '2020-01-01'::date + i, i FROM generate_series(0, 700) i`,
		`CREATE TABLE hashed (m mood, v int) PARTITION BY HASH (m)`,
		`CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0)`,
		`CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1)`,
		`CREATE TABLE hashed_2 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2)`,
		`INSERT INTO hashed SELECT (ARRAY['sad', 'ok', 'happy']::mood[])[1 + i % 3], i FROM generate_series(1, 900) i`,
		`CREATE TABLE egg (id int PRIMARY KEY, hen int)`, `CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg DEFERRABLE)`,
		`INSERT INTO egg VALUES (1, 1)`, `INSERT INTO hen VALUES (1, 1)`,
		`ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen`,
		`CREATE TABLE secret (id int, who text)`, `INSERT INTO secret VALUES (1, 'me')`,
		`ALTER TABLE secret ENABLE ROW LEVEL SECURITY`, `ALTER TABLE secret FORCE ROW LEVEL SECURITY`, `CREATE POLICY none ON secret USING (false)`,
		`CREATE UNLOGGED TABLE fleeting (a int)`, `INSERT INTO fleeting VALUES (7)`,
		`CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$a trigger fired$$; END'`,
		`CREATE TRIGGER t BEFORE INSERT ON egg FOR EACH ROW EXECUTE FUNCTION loud()`,
		`CREATE RULE r AS ON INSERT TO hen DO INSTEAD NOTHING`,
		`CREATE SEQUENCE lone START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 10 CYCLE`, `SELECT nextval('lone')`, `SELECT nextval('lone')`,
		`CREATE SEQUENCE untouched START 77`,
		`CREATE MATERIALIZED VIEW mv AS SELECT count(*) c FROM plain`, `CREATE MATERIALIZED VIEW mv2 AS SELECT c + 1 AS d FROM mv`,
		`CREATE VIEW v AS SELECT * FROM mv2`,
		`CREATE STATISTICS st ON n, f FROM plain`,
		`CREATE PUBLICATION pub FOR TABLE plain`,
		`SELECT lo_from_bytea(424242, convert_to(repeat('large', 200000), 'UTF8'))`, `SELECT lo_from_bytea(424243, '')`, `SELECT lo_from_bytea(424244, 'small')`,
		`SELECT lo_put(lo_create(424245), 600000, 'after a hole')`,
		`COMMENT ON LARGE OBJECT 424242 IS 'a "large" one'`, `ALTER LARGE OBJECT 424244 OWNER TO staff`, `GRANT SELECT ON LARGE OBJECT 424244 TO guest`,
		`ALTER TABLE plain OWNER TO staff`, `GRANT SELECT (id) ON plain TO guest`, `GRANT ALL ON SCHEMA public TO guest`,
		`COMMENT ON TABLE plain IS 'it''s plain'`, `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO guest`,
		`CREATE FUNCTION veto() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$an event trigger fired$$; END'`,
		`CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('REFRESH MATERIALIZED VIEW', 'GRANT', 'ALTER TABLE', 'CREATE INDEX', 'COMMENT') EXECUTE FUNCTION veto()`,
	}
}

// props is what a database has from outside.
func props(name string) []string {
	return []string{
		`ALTER DATABASE ` + name + ` OWNER TO staff`,
		`COMMENT ON DATABASE ` + name + ` IS 'it''s the "shop"'`,
		`REVOKE ALL ON DATABASE ` + name + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + name + ` TO guest WITH GRANT OPTION`,
		`SET ROLE guest`, `GRANT CONNECT ON DATABASE ` + name + ` TO other`, `RESET ROLE`,
		`ALTER DATABASE ` + name + ` CONNECTION LIMIT 40`,
		`ALTER DATABASE ` + name + ` SET search_path = "$user", public, "od""d"`,
		`ALTER DATABASE ` + name + ` SET default_transaction_read_only = on`,
		`ALTER DATABASE ` + name + ` SET my.text = 'it''s, "so"'`,
		`ALTER ROLE guest IN DATABASE ` + name + ` SET work_mem = '7MB'`,
	}
}

func (b *bench) roles() {
	b.t.Helper()
	b.run("template1", `CREATE ROLE staff`, `CREATE ROLE guest`, `CREATE ROLE other`)
}

func words() []string {
	return []string{
		`CREATE TABLE words (id int PRIMARY KEY, w text)`, `INSERT INTO words SELECT i, 'word' || i FROM generate_series(1, 5000) i`,
		`CREATE TABLE more (id int)`, `INSERT INTO more SELECT generate_series(1, 5000)`,
		`CREATE SEQUENCE counter`, `SELECT nextval('counter')`,
		`SELECT lo_from_bytea(77, 'contents')`,
	}
}
