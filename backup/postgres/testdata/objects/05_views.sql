CREATE VIEW kinds.looked WITH (security_barrier = true, check_option = local) AS SELECT id, m FROM kinds.all_types WHERE id > 0

ALTER VIEW kinds.looked ALTER COLUMN m SET DEFAULT 'sad'

CREATE VIEW kinds.star AS SELECT *, 'it''s' AS "odd ""name""" FROM kinds.dropped

-- from 15
CREATE VIEW kinds.invoked WITH (security_invoker = true) AS SELECT count(*) FROM kinds.made

CREATE RECURSIVE VIEW public.counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 10

CREATE VIEW kinds.circle_a AS SELECT 1 AS x

CREATE VIEW kinds.circle_b AS SELECT x FROM kinds.circle_a

CREATE OR REPLACE VIEW kinds.circle_a AS SELECT x FROM (SELECT 2 AS x) s WHERE x NOT IN (SELECT 7)

CREATE VIEW kinds.grouped AS SELECT a, b FROM kinds.dropped GROUP BY a, b

CREATE VIEW kinds.needs_key AS SELECT t.id, t.m, count(*) AS n FROM kinds.all_types t LEFT JOIN kinds.egg e USING (id) GROUP BY t.id

CREATE VIEW kinds.columns_of_function AS SELECT r.* FROM kinds.rows_of(3) WITH ORDINALITY AS r (a, b, c)

CREATE MATERIALIZED VIEW kinds.mv WITH (fillfactor = 80) AS SELECT a, count(*) AS n FROM kinds.made GROUP BY a

CREATE MATERIALIZED VIEW kinds.mv_on_mv AS SELECT sum(n) AS total, 'x'::text COLLATE "C" AS t FROM kinds.mv

CREATE MATERIALIZED VIEW kinds.a_before_its_base AS SELECT total + 1 AS more FROM kinds.mv_on_mv

CREATE MATERIALIZED VIEW kinds.never_filled AS SELECT 1 AS a WITH NO DATA

CREATE MATERIALIZED VIEW kinds.on_never_filled AS SELECT a FROM kinds.never_filled WITH NO DATA

CREATE UNIQUE INDEX mv_a ON kinds.mv (a)

CREATE INDEX never_filled_a ON kinds.never_filled (a)

ALTER MATERIALIZED VIEW kinds.mv ALTER n SET STATISTICS 12

ALTER MATERIALIZED VIEW kinds.mv CLUSTER ON mv_a

CREATE STATISTICS kinds.st_mv ON a, n FROM kinds.mv

CREATE VIEW kinds.on_mv AS SELECT * FROM kinds.mv_on_mv

CREATE MATERIALIZED VIEW kinds.on_key AS SELECT t.id, t.m, count(*) AS n FROM kinds.all_types t LEFT JOIN kinds.egg e USING (id) GROUP BY t.id

CREATE RULE "insert ""it""" AS ON INSERT TO kinds.star DO INSTEAD INSERT INTO kinds.dropped (a, c, d) VALUES (NEW.a, NEW.c, NEW.d) RETURNING dropped.*, 'ret'::text

CREATE RULE update_it AS ON UPDATE TO kinds.star WHERE OLD.a > 5 DO ALSO (INSERT INTO kinds.dropped (a, c) VALUES (OLD.a, 0); DELETE FROM kinds.dropped WHERE a = -1)

CREATE RULE notify AS ON DELETE TO kinds.star DO ALSO NOTIFY "chan ""nel"""

CREATE RULE nothing AS ON DELETE TO kinds.nothing DO INSTEAD NOTHING

CREATE RULE disabled AS ON INSERT TO kinds.hen DO INSTEAD NOTHING

ALTER TABLE kinds.hen DISABLE RULE disabled

CREATE RULE on_replica AS ON UPDATE TO kinds.hen DO ALSO SELECT 1

ALTER TABLE kinds.hen ENABLE REPLICA RULE on_replica

CREATE RULE always AS ON DELETE TO kinds.hen DO ALSO SELECT 1

ALTER TABLE kinds.hen ENABLE ALWAYS RULE always

CREATE TABLE kinds.log (n bigint GENERATED ALWAYS AS IDENTITY, what text)

CREATE FUNCTION kinds.loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a trigger fired on %', TG_RELID::regclass; END $$

CREATE TRIGGER "before ""it""" BEFORE INSERT OR UPDATE OF hen ON kinds.egg FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION kinds.loud('an arg', 'with '' and \', '')

CREATE TRIGGER off BEFORE DELETE ON kinds.egg FOR EACH STATEMENT EXECUTE FUNCTION kinds.loud()

ALTER TABLE kinds.egg DISABLE TRIGGER off

CREATE TRIGGER on_replica AFTER TRUNCATE ON kinds.egg EXECUTE FUNCTION kinds.loud()

ALTER TABLE kinds.egg ENABLE REPLICA TRIGGER on_replica

CREATE TRIGGER always BEFORE INSERT ON kinds.hen FOR EACH ROW EXECUTE FUNCTION kinds.loud()

ALTER TABLE kinds.hen ENABLE ALWAYS TRIGGER always

CREATE TRIGGER transition AFTER UPDATE ON kinds.self REFERENCING OLD TABLE AS before NEW TABLE AS "after it" FOR EACH STATEMENT EXECUTE FUNCTION kinds.loud()

CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON kinds.self FROM kinds.egg DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kinds.loud()

CREATE TRIGGER instead INSTEAD OF DELETE ON kinds.star FOR EACH ROW EXECUTE FUNCTION kinds.loud()

CREATE TRIGGER on_parts AFTER INSERT ON kinds.ranged FOR EACH ROW EXECUTE FUNCTION kinds.loud()

ALTER TABLE kinds.ranged_1 DISABLE TRIGGER on_parts

CREATE TRIGGER dep AFTER INSERT ON kinds.parent EXECUTE FUNCTION kinds.loud()

ALTER TRIGGER dep ON kinds.parent DEPENDS ON EXTENSION plpgsql

CREATE TABLE kinds.guarded (id int, who text DEFAULT current_user)

INSERT INTO kinds.guarded VALUES (1, 'me'), (2, 'you')

ALTER TABLE kinds.guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY

CREATE POLICY "none ""at all""" ON kinds.guarded AS RESTRICTIVE FOR ALL USING (false)

CREATE POLICY own ON kinds.guarded FOR UPDATE TO guest, CURRENT_USER USING (who = current_user) WITH CHECK (id > 0)

CREATE POLICY asleep ON kinds.parent FOR INSERT WITH CHECK (a > 1)
