SELECT lo_from_bytea(4000000001, 'above two to the thirty-first'), lo_from_bytea(77777, ''), lo_from_bytea(77778, decode(repeat('00ff0a5c', 200000), 'hex')), lo_put(lo_create(77779), 600000, 'after a hole')

COMMENT ON LARGE OBJECT 77778 IS 'a "big" one, it''s'

ALTER LARGE OBJECT 77777 OWNER TO staff

GRANT SELECT ON LARGE OBJECT 77777 TO guest WITH GRANT OPTION

GRANT UPDATE ON LARGE OBJECT 77779 TO PUBLIC

REVOKE ALL ON LARGE OBJECT 4000000001 FROM postgres

CREATE TABLE kinds.holds_objects (o oid)

INSERT INTO kinds.holds_objects SELECT oid FROM pg_largeobject_metadata

CREATE EXTENSION postgres_fdw WITH SCHEMA "we""ird. schéma"

CREATE EXTENSION file_fdw

CREATE FOREIGN DATA WRAPPER "no ""handler""" OPTIONS (debug 'tr''ue')

CREATE SERVER "srv ""1""" TYPE 'ty''pe' VERSION '1.0' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'no''where')

CREATE SERVER files FOREIGN DATA WRAPPER file_fdw

CREATE SERVER bare FOREIGN DATA WRAPPER "no ""handler"""

CREATE USER MAPPING FOR PUBLIC SERVER "srv ""1""" OPTIONS (user 'some''one', password 'not a real one')

CREATE USER MAPPING FOR guest SERVER bare

CREATE FOREIGN TABLE kinds.far (id int OPTIONS (column_name 'the "id"') NOT NULL, t text COLLATE "C" DEFAULT 'x', CHECK (id > 0)) SERVER "srv ""1""" OPTIONS (schema_name 's', table_name 'it''s')

ALTER FOREIGN TABLE kinds.far ALTER t SET STATISTICS 9

CREATE FOREIGN TABLE kinds.file (line text) SERVER files OPTIONS (filename '/dev/null', format 'text', delimiter E'\x01')

CREATE FOREIGN TABLE kinds.far_kid () INHERITS (kinds.parent) SERVER bare

ALTER FOREIGN TABLE kinds.far_kid NO INHERIT kinds.parent

CREATE TABLE kinds.part_far (a int, b text) PARTITION BY LIST (a)

CREATE FOREIGN TABLE kinds.part_far_1 PARTITION OF kinds.part_far FOR VALUES IN (1) SERVER files OPTIONS (filename '/dev/null')

CREATE TABLE kinds.part_far_2 PARTITION OF kinds.part_far FOR VALUES IN (2)

INSERT INTO kinds.part_far VALUES (2, 'near')

CREATE TRIGGER on_far BEFORE INSERT ON kinds.far FOR EACH ROW EXECUTE FUNCTION kinds.loud()

CREATE PUBLICATION "all ""of it""" FOR ALL TABLES WITH (publish = 'insert, truncate')

CREATE PUBLICATION few FOR TABLE kinds.egg, ONLY kinds.parent WITH (publish_via_partition_root = true)

CREATE PUBLICATION none

ALTER PUBLICATION none OWNER TO staff

-- from 15
CREATE PUBLICATION filtered FOR TABLE kinds.self (id, c) WHERE (id > 3 AND c IS NOT NULL), kinds.egg

-- from 15
CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA kinds, "we""ird. schéma", TABLE public.in_public WITH (publish = 'insert')

-- from 18
CREATE PUBLICATION with_generated FOR TABLE kinds.made WITH (publish_generated_columns = stored)

CREATE TABLE kinds.in_space (a int PRIMARY KEY USING INDEX TABLESPACE "space ""1""") TABLESPACE "space ""1"""

INSERT INTO kinds.in_space VALUES (1)

CREATE INDEX in_space_too ON kinds.egg (hen) TABLESPACE "space ""1"""

CREATE MATERIALIZED VIEW kinds.mv_in_space TABLESPACE "space ""1""" AS SELECT 1 AS a

CREATE TABLE kinds.parts_in_space (a int) PARTITION BY LIST (a) TABLESPACE "space ""1"""

CREATE TABLE kinds.recorded (n int GENERATED ALWAYS AS IDENTITY, tag text)

CREATE FUNCTION kinds.veto() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'an event trigger fired: %', tg_tag; END $$

CREATE FUNCTION kinds.record() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kinds.recorded (tag) VALUES (tg_tag); END $$
