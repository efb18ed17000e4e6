CREATE TABLE kinds.vals (id int GENERATED ALWAYS AS IDENTITY, f4 float4, f8 float8, n numeric, mo money, iv interval, x xml, tv tsvector, tq tsquery, by bytea, ts timestamp, tz timestamptz, d date, ti time, tt timetz, j json, jb jsonb, jp jsonpath, b1 bit(5), bv varbit, ip inet, ci cidr, mac macaddr, mac8 macaddr8, u uuid, lsn pg_lsn, o oid, rc regclass, rt regtype, rp regprocedure, ch "char", c3 char(3), vc varchar(9), nm name, bo bool, pt point, ln line, ls lseg, bx box, pa path, po polygon, ce circle, i4r int4range, nr numrange, tr tstzrange, sn txid_snapshot, ti_d tid, xi xid, ac aclitem)

INSERT INTO kinds.vals (f4, f8, n, mo, iv, x, tv, tq, by, ts, tz, d, ti, tt, j, jb, jp, b1, bv, ip, ci, mac, mac8, u, lsn, o, rc, rt, rp, ch, c3, vc, nm, bo, pt, ln, ls, bx, pa, po, ce, i4r, nr, tr, sn, ti_d, xi, ac) VALUES
	('NaN', 'NaN', 'NaN', '-92233720368547758.08', '-1 year -2 mons +3 days -04:05:06.789', '<a b="c">&lt;ü</a>', '''it''''s'':1A,2 ''\\'':3', '''a b'' & !c:*B <2> d', '\x00ff0a5c09', '4713-01-01 00:00:00 BC', 'infinity', '-infinity', '24:00', '23:59:59.999999-15:59', '{"a": 1, "a":  2.50}', '{"z": null, "n": 1.0e400, "s": "\u00fc\\"}', '$.a[*] ? (@ > 1)', B'10101', '', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'FFFFFFFF/FFFFFFFF', 4294967295, 'kinds.made', 'kinds.pair', 'kinds.to_mood(int)', '\', 'a', E'tab\there', 'na"me', true, '(1e300,-0)', '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]', '((0,0),(1,1),(2,0))', '<(0,0),Infinity>', 'empty', '(,1.50]', '[-infinity,infinity]', '10:20:10,14,15', '(7,9)', '99', 'postgres=r*/postgres'),
	('-0', '-0', '-0.000', '$1,234.56', '178000000 years', 'text only', '', '', '', '294276-12-31 23:59:59.999999', '4713-01-01 00:00:00+00 BC', '4713-01-01 BC', '00:00:00.000001', '00:00:00+15:59', 'null', 'null', 'strict $', B'00000', B'1', '1.2.3.4', '::/0', NULL, NULL, NULL, '0/0', 0, NULL, '-', NULL, '', '', '', '', false, NULL, NULL, NULL, NULL, '((0,0),(1,1))', NULL, NULL, '[1,1]', NULL, NULL, NULL, NULL, NULL, NULL),
	('Infinity', '-Infinity', '1e-1000', NULL, '0', NULL, NULL, NULL, NULL, '-infinity', '1999-12-31 23:59:59.9999+14', 'infinity', NULL, NULL, '"\u0000 stays in json"', '"\\."', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('1.17549435e-38', '4.9406564584124654e-324', repeat('9', 400)::numeric, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('0.1', '0.30000000000000004', '1.000000', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)

-- from 14
INSERT INTO kinds.vals (n) VALUES ('Infinity'), ('-Infinity')

CREATE TABLE kinds.texts (id serial, t text)

INSERT INTO kinds.texts (t) SELECT chr(g) FROM generate_series(1, 300) g

INSERT INTO kinds.texts (t) SELECT 'a' || chr(g) || 'b' || chr(g) FROM generate_series(1, 160) g

INSERT INTO kinds.texts (t) VALUES (''), (NULL), ('\N'), ('\\N'), (E'\\.'), (E'x\n\\.\ny'), ('\'), (E'\\\n'), (E'\r\n'), ('NULL'), ('null'), (' lead and trail '), (E'\ufeffbom'), ('👩‍👩‍👧 é é'), (repeat('long', 500000)), ('$$'), ('--'), ('/*'), (E'\t'), ('"'), ('''')

CREATE TABLE kinds.arrays (a int[], b text[], c int[][], d bytea[], e kinds.mood[], f box[], g jsonb[])

INSERT INTO kinds.arrays VALUES ('[-2:0]={1,NULL,3}', ARRAY['a,b', 'c"d', 'NULL', NULL, '', '{', E'\\', E'\n'], '[0:1][5:6]={{1,2},{3,4}}', ARRAY['\x00'::bytea], '{"it''s fine",""}', '{(1,1),(0,0);(2,2),(1,1)}', ARRAY['{"a": "b,c"}'::jsonb]), ('{}', '{}', '{}', NULL, '{}', '{}', '{}')

-- from 14
CREATE TABLE kinds.multiranges (i int4multirange, n nummultirange, d datemultirange, own kinds.many_spans)

-- from 14
INSERT INTO kinds.multiranges VALUES ('{[1,3),[5,9)}', '{}', '{(,2020-01-01),[2021-01-01,infinity]}', '{["a","b,c"),("d",)}')

CREATE TABLE kinds.defaults (a text DEFAULT E'it''s \\ "so"\n', b timestamptz DEFAULT now(), c text DEFAULT current_user, d kinds.mood DEFAULT 'O\K', e int[] DEFAULT '{1,2}', f bigint DEFAULT nextval('kinds.untouched'), g text DEFAULT NULL, h jsonb DEFAULT '{"a": [1]}', i bytea DEFAULT '\x00', j float8 DEFAULT 'NaN', k interval DEFAULT '1 mon', l regclass DEFAULT 'kinds.egg')
