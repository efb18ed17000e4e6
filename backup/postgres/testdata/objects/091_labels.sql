SECURITY LABEL FOR "holdfast test" ON TABLE kinds.egg IS 'it''s "secret"'

SECURITY LABEL FOR "holdfast test" ON COLUMN kinds.egg.id IS 'secret'

SECURITY LABEL FOR "holdfast test" ON VIEW kinds.looked IS 'a view'

SECURITY LABEL FOR "holdfast test" ON MATERIALIZED VIEW kinds.mv IS 'a matview'

SECURITY LABEL FOR "holdfast test" ON SEQUENCE kinds.called IS 'a sequence'

SECURITY LABEL FOR "holdfast test" ON FOREIGN TABLE kinds.far IS 'a foreign table'

SECURITY LABEL FOR "holdfast test" ON FUNCTION kinds.many() IS 'a function'

SECURITY LABEL FOR "holdfast test" ON PROCEDURE kinds.proc(int, text) IS 'a procedure'

SECURITY LABEL FOR "holdfast test" ON AGGREGATE kinds.total(int) IS 'an aggregate'

SECURITY LABEL FOR "holdfast test" ON SCHEMA kinds IS 'a schema'

SECURITY LABEL FOR "holdfast test" ON TYPE kinds.pair IS 'a type'

SECURITY LABEL FOR "holdfast test" ON DOMAIN kinds.code IS 'a domain'

SECURITY LABEL FOR "holdfast test" ON LANGUAGE "plpg ""2""" IS 'a language'

SECURITY LABEL FOR "holdfast test" ON PUBLICATION few IS 'a publication'

SECURITY LABEL FOR "holdfast test" ON LARGE OBJECT 77777 IS 'a large object'

CREATE EVENT TRIGGER labelled ON sql_drop EXECUTE FUNCTION kinds.record()

SECURITY LABEL FOR "holdfast test" ON EVENT TRIGGER labelled IS 'an event trigger'
