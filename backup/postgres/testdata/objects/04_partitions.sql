CREATE TABLE kinds.ranged (d date NOT NULL, v int, t text DEFAULT 'root') PARTITION BY RANGE (d, v)

CREATE TABLE kinds.ranged_1 PARTITION OF kinds.ranged (t DEFAULT 'leaf') FOR VALUES FROM (MINVALUE, MINVALUE) TO ('2020-01-01', 5)

CREATE TABLE kinds.ranged_2 (gone int, t text, v int, d date NOT NULL)

ALTER TABLE kinds.ranged_2 DROP COLUMN gone

ALTER TABLE kinds.ranged ATTACH PARTITION kinds.ranged_2 FOR VALUES FROM ('2020-01-01', 5) TO ('2021-01-01', MAXVALUE)

CREATE TABLE kinds.ranged_d PARTITION OF kinds.ranged DEFAULT PARTITION BY LIST (t)

CREATE TABLE kinds.ranged_d_1 PARTITION OF kinds.ranged_d FOR VALUES IN ('a', 'it''s', NULL)

CREATE TABLE kinds.ranged_d_d PARTITION OF kinds.ranged_d DEFAULT

INSERT INTO kinds.ranged SELECT '2019-06-01'::date + i, i, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN NULL ELSE 'z' END FROM generate_series(0, 900, 7) i

CREATE INDEX ranged_v ON kinds.ranged (v)

CREATE INDEX ranged_incomplete ON ONLY kinds.ranged (t)

CREATE INDEX on_leaf ON kinds.ranged_1 (t)

CREATE TABLE kinds.keyed (id int, at int, PRIMARY KEY (id, at)) PARTITION BY RANGE (id)

CREATE TABLE kinds.keyed_1 PARTITION OF kinds.keyed FOR VALUES FROM (0) TO (10) WITH (fillfactor = 50)

CREATE TABLE kinds.keyed_2 PARTITION OF kinds.keyed FOR VALUES FROM (10) TO (20) PARTITION BY HASH (at)

CREATE TABLE kinds.keyed_2_0 PARTITION OF kinds.keyed_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)

CREATE UNLOGGED TABLE kinds.keyed_2_1 PARTITION OF kinds.keyed_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)

INSERT INTO kinds.keyed SELECT i, i * 3 FROM generate_series(0, 19) i

CREATE TABLE kinds.refers (id int, at int, k int, FOREIGN KEY (id, at) REFERENCES kinds.keyed ON DELETE CASCADE) PARTITION BY LIST (k)

CREATE TABLE kinds.refers_1 PARTITION OF kinds.refers FOR VALUES IN (1)

CREATE TABLE kinds.refers_2 PARTITION OF kinds.refers FOR VALUES IN (2, 3)

INSERT INTO kinds.refers VALUES (1, 3, 1), (12, 36, 2), (NULL, NULL, 3)

CREATE TABLE kinds.hashed (m kinds.mood, v int) PARTITION BY HASH (m)

CREATE TABLE kinds.hashed_0 PARTITION OF kinds.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0)

CREATE TABLE kinds.hashed_1 (v int, m kinds.mood)

ALTER TABLE kinds.hashed ATTACH PARTITION kinds.hashed_1 FOR VALUES WITH (MODULUS 3, REMAINDER 1)

CREATE TABLE kinds.hashed_2 PARTITION OF kinds.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2) PARTITION BY LIST (v)

CREATE TABLE kinds.hashed_2_d PARTITION OF kinds.hashed_2 DEFAULT

INSERT INTO kinds.hashed SELECT m, v FROM unnest(enum_range(NULL::kinds.mood)) m, generate_series(1, 20) v

CREATE INDEX hashed_v ON kinds.hashed (v)

CREATE TABLE kinds.by_expression (t text, n int) PARTITION BY LIST (lower(t) COLLATE "C")

CREATE TABLE kinds.by_expression_1 PARTITION OF kinds.by_expression FOR VALUES IN ('a')

CREATE TABLE kinds.by_expression_d PARTITION OF kinds.by_expression DEFAULT

INSERT INTO kinds.by_expression VALUES ('A', 1), ('a', 2), ('b', 3)

CREATE TABLE kinds.bare (a int) PARTITION BY RANGE (a)

CREATE TABLE kinds.detached (a int)

INSERT INTO kinds.detached VALUES (1)

CREATE TABLE kinds.by_bool (b bool, ts timestamptz) PARTITION BY LIST (b)

CREATE TABLE kinds.by_bool_t PARTITION OF kinds.by_bool FOR VALUES IN (true) PARTITION BY RANGE (ts)

CREATE TABLE kinds.by_bool_t1 PARTITION OF kinds.by_bool_t FOR VALUES FROM ('2020-01-01 00:00+02') TO (MAXVALUE)

INSERT INTO kinds.by_bool VALUES (true, '2024-05-05 05:05:05.123456+05:30')

-- from 17
CREATE TABLE kinds.identity_parts (id int GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (k)

-- from 17
CREATE TABLE kinds.identity_parts_1 PARTITION OF kinds.identity_parts FOR VALUES IN (1)

-- from 17
INSERT INTO kinds.identity_parts (k) VALUES (1), (1)
