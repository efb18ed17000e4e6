CREATE SUBSCRIPTION "sub ""1""" CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere' PUBLICATION "all ""of it""", other WITH (connect = false, slot_name = NONE)

CREATE SUBSCRIPTION sub2 CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere' PUBLICATION other WITH (connect = false, slot_name = 'a_slot', synchronous_commit = 'remote_apply')

-- from 14
CREATE SUBSCRIPTION sub3 CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere' PUBLICATION other WITH (connect = false, slot_name = NONE, binary = true, streaming = true)

-- from 16
CREATE SUBSCRIPTION sub4 CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere' PUBLICATION other WITH (connect = false, slot_name = NONE, two_phase = true, disable_on_error = true, run_as_owner = true, origin = none)

COMMENT ON SUBSCRIPTION sub2 IS 'it''s the second'

ALTER SUBSCRIPTION sub2 OWNER TO boss
