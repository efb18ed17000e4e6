package export

import (
	"fmt"
	"strings"
)

// hostile are names that break what is not quoted with care.
func hostile() []string {
	return []string{
		`quo"te'd \ %s {}`, "new\nline; DROP TABLE plain; --", "emoji🦊", "--version", "a.b", "select", "Upper", "$dollar$1",
		"\\.", ":colon", strings.Repeat("ö", 31), "tab\there", "nonreserved", "text", "between",
	}
}

// roles are made once for each server.
func roles() []string { return []string{`CREATE ROLE "st'a""ff"`, `CREATE ROLE guest`} }

func dropRoles() []string { return []string{`DROP ROLE "st'a""ff"`, `DROP ROLE guest`} }

// ofExtension are tables that belong to an extension, and what it fills them with: both
// sides of a restore must have them. One refers to the other.
func ofExtension() []string {
	return []string{
		`CREATE EXTENSION IF NOT EXISTS citext`,
		`CREATE TABLE z_kinds (k citext PRIMARY KEY, builtin bool)`, `CREATE TABLE a_uses (u int PRIMARY KEY, k citext REFERENCES z_kinds, builtin bool)`,
		`INSERT INTO z_kinds VALUES ('theirs', true)`, `INSERT INTO a_uses VALUES (0, 'theirs', true)`,
		`ALTER EXTENSION citext ADD TABLE z_kinds`, `ALTER EXTENSION citext ADD TABLE a_uses`,
		`UPDATE pg_extension SET extconfig = ARRAY['z_kinds'::regclass::oid, 'a_uses'::regclass::oid],
			extcondition = ARRAY['WHERE NOT builtin', 'WHERE NOT builtin'] WHERE extname = 'citext'`,
	}
}

// rich has one of everything that is special about a restore.
func rich() []string {
	sql := append(ofExtension(),
		`INSERT INTO z_kinds VALUES ('ours', false)`, `INSERT INTO a_uses VALUES (1, 'ours', false), (2, 'theirs', false)`,
		`CREATE EXTENSION pgcrypto`, `CREATE EXTENSION hstore`,
		`CREATE SCHEMA "we""ird."`, `CREATE SCHEMA s AUTHORIZATION guest`, `COMMENT ON SCHEMA s IS 'it''s "s"'`,
		`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`, `CREATE DOMAIN positive AS int CHECK (VALUE > 0)`, `CREATE TYPE pair AS (a int, b text)`,
		`CREATE TABLE plain (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n positive, twice int GENERATED ALWAYS AS (n * 2) STORED, t text COLLATE "C",
			h hstore, m mood, b bytea, f float8, ts timestamptz, i interval, money money, a text[], p pair, x xml, j jsonb, gone int)`,
		`ALTER TABLE plain DROP COLUMN gone`,
		`INSERT INTO plain (n, t, h, m, b, f, ts, i, money, a, p, x, j) SELECT g, repeat(md5(g::text), 1 + g % 9) || E'\t\\\n\\.', hstore('k', g::text), 'ok',
			decode(md5(g::text), 'hex'), 1.0 / g, '2026-01-01 12:00+03'::timestamptz + g * '1 day'::interval, g * '1 month -2 days 3 hours'::interval,
			g::money / 7, ARRAY['a', NULL, 'c' || g], (g, 'x')::pair, '<a/>', jsonb_build_object('n', g, 'z', null) FROM generate_series(1, 3000) g`,
		`INSERT INTO plain (n, f) VALUES (1, 'NaN'), (2, 'infinity'), (NULL, '-infinity')`,
		`CREATE INDEX ON plain (t)`, `CREATE INDEX ON plain USING gist (h)`,
		`CREATE TABLE nothing ()`, `INSERT INTO nothing DEFAULT VALUES`, `INSERT INTO nothing DEFAULT VALUES`, `CREATE TABLE empty (a int)`,
		`CREATE TABLE onlymade (twice int GENERATED ALWAYS AS (2) STORED)`, `INSERT INTO onlymade DEFAULT VALUES`,
		`CREATE TABLE parent (a int)`, `CREATE TABLE kid (b int) INHERITS (parent)`, `INSERT INTO parent VALUES (1)`, `INSERT INTO kid VALUES (2, 3)`,
		`CREATE TABLE ranged (d date, v int) PARTITION BY RANGE (d)`,
		`CREATE TABLE s.ranged_1 PARTITION OF ranged FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`,
		`CREATE TABLE ranged_2 PARTITION OF ranged DEFAULT PARTITION BY LIST (v)`, `CREATE TABLE ranged_2x PARTITION OF ranged_2 DEFAULT`,
		`INSERT INTO ranged SELECT '2020-01-01'::date + g, g FROM generate_series(0, 700) g`, `CREATE INDEX ON ranged (v)`,
		`CREATE TABLE "Hashed" (m mood, v int) PARTITION BY HASH (m)`,
		`CREATE TABLE hashed_0 PARTITION OF "Hashed" FOR VALUES WITH (MODULUS 3, REMAINDER 0)`,
		`CREATE TABLE hashed_1 PARTITION OF "Hashed" FOR VALUES WITH (MODULUS 3, REMAINDER 1)`,
		`CREATE TABLE hashed_2 PARTITION OF "Hashed" FOR VALUES WITH (MODULUS 3, REMAINDER 2)`,
		`INSERT INTO "Hashed" SELECT (ARRAY['sad', 'ok', 'happy']::mood[])[1 + g % 3], g FROM generate_series(1, 900) g`,
		`DO $do$BEGIN IF current_setting('server_version_num')::int >= 170000 THEN CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
			CREATE TABLE stored (a int) PARTITION BY LIST (a) USING heap2; END IF; END$do$`,
		`CREATE TABLE egg (id int PRIMARY KEY, hen int)`, `CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg DEFERRABLE)`,
		`INSERT INTO egg VALUES (1, 1)`, `INSERT INTO hen VALUES (1, 1)`, `ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen`,
		`CREATE TABLE secret (id int, who text)`, `INSERT INTO secret VALUES (1, 'me')`,
		`ALTER TABLE secret ENABLE ROW LEVEL SECURITY`, `ALTER TABLE secret FORCE ROW LEVEL SECURITY`, `CREATE POLICY none ON secret USING (false)`,
		`CREATE UNLOGGED TABLE fleeting (a int)`, `INSERT INTO fleeting VALUES (7)`,
		`CREATE TABLE audit_log (id int PRIMARY KEY, what text)`, `INSERT INTO audit_log VALUES (1, 'noise')`,
		`CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION 'a trigger fired'; END$f$`,
		`CREATE TRIGGER t BEFORE INSERT ON egg FOR EACH ROW EXECUTE FUNCTION loud()`, `CREATE RULE r AS ON INSERT TO hen DO INSTEAD NOTHING`,
		`CREATE FUNCTION late(a int DEFAULT 1) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.plain'`, `ALTER FUNCTION late OWNER TO guest`,
		`CREATE PROCEDURE nop() LANGUAGE sql AS 'SELECT 1'`, `CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int, INITCOND = 0)`,
		`CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)`, `ALTER OPERATOR === (int, int) OWNER TO guest`,
		`CREATE COLLATION plainly (LOCALE = 'C')`, `CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)`, `CREATE CAST (pair AS text) WITH INOUT`,
		`CREATE FOREIGN DATA WRAPPER wrap`, `CREATE SERVER far FOREIGN DATA WRAPPER wrap`, `CREATE FOREIGN TABLE away (a int) SERVER far`,
		`CREATE SEQUENCE lone START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 10 CYCLE`, `SELECT nextval('lone')`, `SELECT nextval('lone')`,
		`CREATE SEQUENCE untouched START 77`, `CREATE TABLE counted (id serial, a int)`, `INSERT INTO counted (a) SELECT generate_series(1, 5)`,
		`CREATE MATERIALIZED VIEW mv AS SELECT count(*) c FROM plain`, `CREATE MATERIALIZED VIEW a_mv AS SELECT c + 1 AS d FROM mv`,
		`CREATE UNIQUE INDEX ON a_mv (d)`, `CREATE VIEW v AS SELECT * FROM a_mv`, `CREATE MATERIALIZED VIEW empty_mv AS SELECT 1 AS one WITH NO DATA`,
		`CREATE STATISTICS st ON n, f FROM plain`, `CREATE PUBLICATION pub FOR TABLE plain`,
		`SELECT lo_from_bytea(424242, convert_to(repeat('large', 100000), 'UTF8'))`, `SELECT lo_from_bytea(424243, '')`, `SELECT lo_from_bytea(424244, 'small')`,
		`SELECT lo_put(lo_create(424245), 200000, 'after a hole')`, `SELECT lo_from_bytea(4000000001, '\x00ff5c0a')`,
		`SELECT lo_from_bytea(500000 + g, decode(md5(g::text), 'hex')) FROM generate_series(1, 2500) g`,
		`COMMENT ON LARGE OBJECT 424242 IS 'a "large" one'`, `ALTER LARGE OBJECT 424244 OWNER TO "st'a""ff"`,
		`DO $do$BEGIN FOR i IN 500001..501500 LOOP EXECUTE 'GRANT SELECT ON LARGE OBJECT ' || i || ' TO guest'; EXECUTE 'GRANT UPDATE ON LARGE OBJECT ' || i || ' TO "st''a""ff"'; END LOOP; END$do$`,
		`ALTER TABLE plain OWNER TO "st'a""ff"`, `GRANT SELECT (id) ON plain TO guest`, `GRANT ALL ON SCHEMA public TO guest`, `REVOKE EXECUTE ON FUNCTION late FROM PUBLIC`,
		`COMMENT ON TABLE plain IS 'it''s plain'`, `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO guest`,
		`COMMENT ON DATABASE rich IS 'not part of a download'`, `GRANT CONNECT ON DATABASE rich TO guest`, `ALTER DATABASE rich SET work_mem = '8MB'`,
		`CREATE FUNCTION veto() RETURNS event_trigger LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION 'an event trigger fired'; END$f$`,
	)
	for i, name := range hostile() {
		sql = append(sql, fmt.Sprintf("CREATE TABLE %s(id serial, %s int)", quoteIdent(name), quoteIdent("c"+name[:min(len(name), 40)])),
			fmt.Sprintf("INSERT INTO %s(%s) VALUES (%d)", quoteIdent(name), quoteIdent("c"+name[:min(len(name), 40)]), i),
			fmt.Sprintf(`CREATE TABLE "we""ird.".%s(a int)`, quoteIdent(name)))
	}
	return append(sql, `CREATE EVENT TRIGGER watch ON ddl_command_end
		WHEN TAG IN ('REFRESH MATERIALIZED VIEW', 'GRANT', 'ALTER TABLE', 'CREATE INDEX', 'COMMENT') EXECUTE FUNCTION veto()`, `COMMENT ON EVENT TRIGGER watch IS 'it watches'`)
}
