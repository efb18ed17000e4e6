CREATE FUNCTION kinds.plain(a int, INOUT b text DEFAULT 'it''s', OUT c int, VARIADIC d int[] DEFAULT '{}') LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 42 SET work_mem = '5MB' SET search_path = kinds, "we""ird. schéma", pg_temp AS $f$
BEGIN
	c := a + coalesce(array_length(d, 1), 0); -- $$ and \. and ' stay as they are
END
$f$

CREATE FUNCTION kinds.rows_of(n int) RETURNS TABLE (i int, "t t" text) LANGUAGE sql ROWS 17 LEAKPROOF AS $$ SELECT g, 'x' || g FROM generate_series(1, n) g $$

CREATE FUNCTION kinds.many() RETURNS SETOF kinds.pair LANGUAGE sql SECURITY DEFINER AS 'SELECT 1, ''b'', NULL::numeric[], ''sad''::kinds.mood'

-- from 14
CREATE FUNCTION kinds.parsed(a int) RETURNS int LANGUAGE sql IMMUTABLE RETURN a + 1

-- from 14
CREATE FUNCTION kinds.parsed_atomic(a int) RETURNS SETOF int BEGIN ATOMIC SELECT a; SELECT g FROM generate_series(1, a) g; END

CREATE FUNCTION kinds.poly(anyelement, anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT $2 || $1'

CREATE FUNCTION kinds.windowed(int) RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number'

CREATE PROCEDURE kinds.proc(INOUT a int, b text DEFAULT NULL) LANGUAGE plpgsql AS 'BEGIN a := a + 1; END'

CREATE PROCEDURE kinds.cross_ref() LANGUAGE sql AS 'SELECT count(*) FROM kinds.all_types'

CREATE FUNCTION kinds."fn "" (odd)"(kinds.good_pair, "char", char(3), interval day to second) RETURNS void LANGUAGE sql AS ''

CREATE FUNCTION kinds.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'

CREATE FUNCTION kinds.inliner(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler'

CREATE FUNCTION kinds.validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator'

CREATE TRUSTED LANGUAGE "plpg ""2""" HANDLER kinds.handler INLINE kinds.inliner VALIDATOR kinds.validator

CREATE FUNCTION kinds.other_language() RETURNS int LANGUAGE "plpg ""2""" AS 'BEGIN RETURN 1; END'

CREATE FUNCTION kinds.accumulate(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, 0) + coalesce($2, 0)'

CREATE FUNCTION kinds.deduct(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, 0) - coalesce($2, 0)'

CREATE AGGREGATE kinds.total(int) (SFUNC = kinds.accumulate, STYPE = int, INITCOND = '0', COMBINEFUNC = kinds.accumulate, MSFUNC = kinds.accumulate, MINVFUNC = kinds.deduct, MSTYPE = int, MINITCOND = '0', PARALLEL = SAFE)

CREATE AGGREGATE kinds.top(int) (SFUNC = int4larger, STYPE = int, SORTOP = OPERATOR(pg_catalog.>))

CREATE AGGREGATE kinds.ranked(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA)

CREATE FUNCTION kinds.from_internal(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'prsd_end'

CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))

CREATE FUNCTION kinds.transformed(int) RETURNS int TRANSFORM FOR TYPE int LANGUAGE sql AS 'SELECT $1'

CREATE FUNCTION kinds.depends_on_extension() RETURNS int LANGUAGE sql AS 'SELECT 1'

ALTER FUNCTION kinds.depends_on_extension() DEPENDS ON EXTENSION plpgsql

CREATE TEXT SEARCH DICTIONARY kinds.dict (TEMPLATE = simple, STOPWORDS = english, Accept = false)

CREATE TEXT SEARCH DICTIONARY kinds."dict ""2""" (TEMPLATE = snowball, Language = german)

CREATE TEXT SEARCH TEMPLATE kinds.template (LEXIZE = dsimple_lexize, INIT = dsimple_init)

CREATE TEXT SEARCH PARSER kinds.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype)

CREATE TEXT SEARCH CONFIGURATION kinds.conf (PARSER = kinds.parser)

ALTER TEXT SEARCH CONFIGURATION kinds.conf ADD MAPPING FOR asciiword, word WITH kinds.dict, kinds."dict ""2""", english_stem

ALTER TEXT SEARCH CONFIGURATION kinds.conf ADD MAPPING FOR email WITH simple
