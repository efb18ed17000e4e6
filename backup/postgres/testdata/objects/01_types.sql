-- Blocks are separated by empty lines; each is sent on its own. A first line like "-- from 15" or
-- "-- until 14" says for which servers it is.

CREATE SCHEMA kinds AUTHORIZATION staff

CREATE SCHEMA "we""ird. schéma"

CREATE SCHEMA "e$nums"

CREATE SCHEMA "do.mains"

CREATE SCHEMA "se quences"

CREATE TYPE kinds.mood AS ENUM ('sad', 'ok', 'it''s fine', '')

ALTER TYPE kinds.mood ADD VALUE 'between' BEFORE 'ok'

ALTER TYPE kinds.mood ADD VALUE 'first of all' BEFORE 'sad'

ALTER TYPE kinds.mood RENAME VALUE 'ok' TO 'O\K'

CREATE DOMAIN kinds.positive AS int DEFAULT 7 CONSTRAINT "more than 0" CHECK (VALUE > 0)

CREATE DOMAIN kinds.code AS text COLLATE "C" NOT NULL CHECK (length(VALUE) < 40) CHECK (VALUE !~ '^\s')

CREATE DOMAIN kinds.late AS int

CREATE TABLE kinds.uses_late (v kinds.late)

INSERT INTO kinds.uses_late VALUES (-1)

ALTER DOMAIN kinds.late ADD CONSTRAINT not_yet CHECK (VALUE > 0) NOT VALID

CREATE DOMAIN kinds.moods AS kinds.mood[]

CREATE TYPE kinds.pair AS (a int, "b ""q""" text COLLATE "POSIX", gone int, d numeric(8,3)[])

ALTER TYPE kinds.pair DROP ATTRIBUTE gone

ALTER TYPE kinds.pair ADD ATTRIBUTE e kinds.mood

CREATE DOMAIN kinds.good_pair AS kinds.pair CHECK ((VALUE).a > 0)

CREATE TYPE kinds.shell_only

CREATE TYPE kinds.span AS RANGE (subtype = float8, subtype_diff = float8mi)

-- from 14
CREATE TYPE kinds.named_span AS RANGE (subtype = text, collation = "C", multirange_type_name = kinds.many_spans)

CREATE TYPE kinds.short

CREATE FUNCTION kinds.short_in(cstring) RETURNS kinds.short LANGUAGE internal IMMUTABLE STRICT AS 'int4in'

CREATE FUNCTION kinds.short_out(kinds.short) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'

CREATE TYPE kinds.short (INPUT = kinds.short_in, OUTPUT = kinds.short_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4, CATEGORY = 'U', DELIMITER = ';', DEFAULT = '17')

CREATE FUNCTION kinds.short_eq(kinds.short, kinds.short) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4eq'

CREATE FUNCTION kinds.short_lt(kinds.short, kinds.short) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4lt'

CREATE FUNCTION kinds.short_gt(kinds.short, kinds.short) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4gt'

CREATE FUNCTION kinds.short_cmp(kinds.short, kinds.short) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp'

CREATE FUNCTION kinds.short_hash(kinds.short) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'hashint4'

CREATE OPERATOR kinds.= (LEFTARG = kinds.short, RIGHTARG = kinds.short, FUNCTION = kinds.short_eq, COMMUTATOR = OPERATOR(kinds.=), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES)

CREATE OPERATOR kinds.< (LEFTARG = kinds.short, RIGHTARG = kinds.short, FUNCTION = kinds.short_lt, COMMUTATOR = OPERATOR(kinds.>), RESTRICT = scalarltsel, JOIN = scalarltjoinsel)

CREATE OPERATOR kinds.> (LEFTARG = kinds.short, RIGHTARG = kinds.short, FUNCTION = kinds.short_gt, COMMUTATOR = OPERATOR(kinds.<))

CREATE FUNCTION kinds.pair_text(kinds.pair) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1::text'

CREATE OPERATOR kinds.#%&|~ (RIGHTARG = kinds.pair, FUNCTION = kinds.pair_text)

CREATE OPERATOR FAMILY kinds."shorts ""fam""" USING btree

CREATE OPERATOR CLASS kinds.short_ops DEFAULT FOR TYPE kinds.short USING btree FAMILY kinds."shorts ""fam""" AS
	OPERATOR 1 kinds.<, OPERATOR 3 kinds.=, OPERATOR 5 kinds.>, FUNCTION 1 kinds.short_cmp(kinds.short, kinds.short)

CREATE OPERATOR CLASS kinds.short_hash DEFAULT FOR TYPE kinds.short USING hash AS OPERATOR 1 kinds.=, FUNCTION 1 kinds.short_hash(kinds.short)

CREATE OPERATOR FAMILY kinds.empty_family USING gin

ALTER OPERATOR FAMILY kinds.empty_family USING gin OWNER TO staff

CREATE CAST (kinds.short AS int) WITHOUT FUNCTION AS ASSIGNMENT

CREATE FUNCTION kinds.to_mood(int) RETURNS kinds.mood LANGUAGE sql IMMUTABLE AS 'SELECT (enum_range(NULL::kinds.mood))[$1]'

CREATE CAST (int AS kinds.mood) WITH FUNCTION kinds.to_mood(int)

CREATE CAST (kinds.pair AS jsonb) WITH INOUT AS IMPLICIT

CREATE COLLATION kinds."coll ""C""" (LOCALE = 'C')

CREATE COLLATION kinds.blind (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false)

-- from 16
CREATE COLLATION kinds.ruled (PROVIDER = icu, LOCALE = 'und', RULES = '&a < g')

CREATE CONVERSION kinds.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8

CREATE DEFAULT CONVERSION kinds.default_conv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1

CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler

CREATE ACCESS METHOD btree2 TYPE INDEX HANDLER bthandler

CREATE TABLE kinds.all_types (
	id int PRIMARY KEY, m kinds.mood, p kinds.positive, c kinds.code, ms kinds.moods, pr kinds.pair, prs kinds.pair[], gp kinds.good_pair, s kinds.short, sp kinds.span, ci text COLLATE kinds.blind)

INSERT INTO kinds.all_types VALUES
	(1, 'O\K', 5, 'a', '{sad,""}', '(1,"q""uo\\te, ","{1.5,NULL}",sad)', ARRAY['(1,,,)', NULL]::kinds.pair[], '(1,"",,)', '99', '[1,2)', 'Aa'),
	(2, '', NULL, E'x\ty\nz', '{}', NULL, '{}', NULL, NULL, 'empty', 'aA'),
	(3, 'it''s fine', 1, '', NULL, '(,,,)', NULL, NULL, '-5', '(,)', '')

CREATE INDEX shorts ON kinds.all_types (s)

CREATE INDEX hashes ON kinds.all_types USING hash (s)

CREATE INDEX blinds ON kinds.all_types (ci COLLATE "C" DESC NULLS LAST)
