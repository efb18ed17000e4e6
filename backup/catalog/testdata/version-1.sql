PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE backups (
		id      TEXT PRIMARY KEY,
		sandbox TEXT NOT NULL,
		status  TEXT NOT NULL,
		started TEXT NOT NULL, -- RFC 3339 with nanoseconds, UTC
		doc     TEXT NOT NULL, -- backup.Backup without its tables, JSON
		tables  TEXT NOT NULL  -- its tables, JSON
	) STRICT;
INSERT INTO backups VALUES('fa5c0e8d97384539','shop','completed','2026-11-21T13:48:50.593611638Z','{"id":"fa5c0e8d97384539","sandbox":"shop","what":"database","trigger":"manual","status":"completed","verdict":"intact","verdict_reason":"what it added to the vault was read back when it was taken","verdict_at":"2026-11-21T13:48:51Z","started":"2026-11-21T13:48:50.593611638Z","finished":"2026-11-21T13:48:51.673394582Z","note":"of the first version","who":"ada@desk","pinned":false,"database":"shop","server_version":"15.20","tools_version":"15.20","raw_bytes":23893,"added_bytes":33762,"rows":5000,"process":{"host":"desk","boot":"323a579a-13c3-479c-a75f-f47b97690d22","pid":12151,"started":3504675}}','[{"schema":"public","name":"orders","part":"data/1.copy","columns":[{"name":"id","type":"integer"}],"rows":5000,"bytes":23893,"hash":"29f35b289a0397ca59db2b0846fb32b3"}]');
INSERT INTO backups VALUES('7f9e155f7f425be2','shop','completed','2026-11-21T13:48:54.005687023Z','{"id":"7f9e155f7f425be2","sandbox":"shop","what":"database","trigger":"pre-restore","status":"completed","verdict":"intact","verdict_reason":"what it added to the vault was read back when it was taken","verdict_at":"2026-11-21T13:48:55Z","started":"2026-11-21T13:48:54.005687023Z","finished":"2026-11-21T13:48:55.453761395Z","note":"before restoring fa5c0e8d97384539","who":"ada@desk","pinned":false,"database":"shop","server_version":"15.20","tools_version":"15.20","raw_bytes":23893,"added_bytes":9029,"rows":5000,"process":{"host":"desk","boot":"323a579a-13c3-479c-a75f-f47b97690d22","pid":12327,"started":3504874}}','[{"schema":"public","name":"orders","part":"data/1.copy","columns":[{"name":"id","type":"integer"}],"rows":5000,"bytes":23893,"hash":"29f35b289a0397ca59db2b0846fb32b3"}]');
CREATE TABLE restores (
		id      TEXT PRIMARY KEY,
		started TEXT NOT NULL,
		doc     TEXT NOT NULL -- backup.Restore, JSON
	) STRICT;
INSERT INTO restores VALUES('299cab5c2c8e00dd','2026-11-21T13:48:53.984115420Z','{"id":"299cab5c2c8e00dd","backup":"fa5c0e8d97384539","sandbox":"shop","connection":{"Host":"/run/postgresql","Port":5499,"Database":"shop","User":"postgres","Params":null},"target_database":"shop","pre_restore_backup":"7f9e155f7f425be2","shadow_database":"shop_shadow_299cab5c2c8e00dd","replaced_database":"shop_before_20261121_134857_064","status":"completed","stage":"done","tables":1,"rows":5000,"started":"2026-11-21T13:48:53.98411542Z","finished":"2026-11-21T13:48:57.101858016Z","who":"ada@desk","replaced_gone":false,"process":{"host":"desk","boot":"323a579a-13c3-479c-a75f-f47b97690d22","pid":12327,"started":3504874}}');
CREATE TABLE audit (
		seq INTEGER PRIMARY KEY,
		doc TEXT NOT NULL, -- backup.AuditEntry, JSON
		mac TEXT NOT NULL
	) STRICT;
INSERT INTO audit VALUES(1,'{"seq":1,"at":"2026-11-21T13:48:48.154382326Z","who":"ada@desk","action":"backups.update","sandbox":"","object":"","decision":"allow","outcome":"","detail":"allow","sealed":false,"mac":"c11a07aa25433b326d4782aa301c151199addf9aca2748527439ecdba4d37359"}','c11a07aa25433b326d4782aa301c151199addf9aca2748527439ecdba4d37359');
INSERT INTO audit VALUES(2,'{"seq":2,"at":"2026-11-21T13:48:49.109560423Z","who":"ada@desk","action":"backups.update","sandbox":"","object":"","decision":"","outcome":"done","detail":"","sealed":true,"mac":"e481db6d8fdfc1039fb2f042819675fc1ee74ca52912046060a7e32a186c8625"}','e481db6d8fdfc1039fb2f042819675fc1ee74ca52912046060a7e32a186c8625');
INSERT INTO audit VALUES(3,'{"seq":3,"at":"2026-11-21T13:48:49.188274554Z","who":"ada@desk","action":"backups.update","sandbox":"","object":"","decision":"allow","outcome":"","detail":"allow","sealed":true,"mac":"7e87a0460b139c08fa20660585673be6f66869e5c838204bcfa8128808ef6a4a"}','7e87a0460b139c08fa20660585673be6f66869e5c838204bcfa8128808ef6a4a');
INSERT INTO audit VALUES(4,'{"seq":4,"at":"2026-11-21T13:48:49.575688478Z","who":"ada@desk","action":"backups.update","sandbox":"","object":"","decision":"","outcome":"done","detail":"","sealed":true,"mac":"e8d5fbb5cb8daaa17e904042be18b80ac40088b698f58b274eefc9e133030c72"}','e8d5fbb5cb8daaa17e904042be18b80ac40088b698f58b274eefc9e133030c72');
INSERT INTO audit VALUES(5,'{"seq":5,"at":"2026-11-21T13:48:49.641330061Z","who":"ada@desk","action":"backups.update","sandbox":"shop","object":"shop","decision":"allow","outcome":"","detail":"allow","sealed":true,"mac":"72e05ff6b87450098339f3eca914c8b48d4ee2180691d521ebf0cbe31141c2b9"}','72e05ff6b87450098339f3eca914c8b48d4ee2180691d521ebf0cbe31141c2b9');
INSERT INTO audit VALUES(6,'{"seq":6,"at":"2026-11-21T13:48:49.667352133Z","who":"ada@desk","action":"backups.update","sandbox":"shop","object":"shop","decision":"","outcome":"done","detail":"","sealed":true,"mac":"b4f8fb89f6dab9966a4626bacb8cd7581fdfecf03a97b7845669efc82c4bc1b3"}','b4f8fb89f6dab9966a4626bacb8cd7581fdfecf03a97b7845669efc82c4bc1b3');
INSERT INTO audit VALUES(7,'{"seq":7,"at":"2026-11-21T13:48:49.733669505Z","who":"ada@desk","action":"backups.create","sandbox":"shop","object":"","decision":"allow","outcome":"","detail":"allow","sealed":true,"mac":"95dcd6ff7cd9fb6eeca875c29c5eeb7a7e8ae2172eea18e9c0e7489c978ef5d7"}','95dcd6ff7cd9fb6eeca875c29c5eeb7a7e8ae2172eea18e9c0e7489c978ef5d7');
INSERT INTO audit VALUES(8,'{"seq":8,"at":"2026-11-21T13:48:51.675815433Z","who":"ada@desk","action":"backups.create","sandbox":"shop","object":"","decision":"","outcome":"done","detail":"","sealed":true,"mac":"71c6913af2c7e696cbd979932ed7eab38b99d9b1bba506c221d841675ce8f827"}','71c6913af2c7e696cbd979932ed7eab38b99d9b1bba506c221d841675ce8f827');
INSERT INTO audit VALUES(9,'{"seq":9,"at":"2026-11-21T13:48:53.979345245Z","who":"ada@desk","action":"db_full","sandbox":"shop","object":"fa5c0e8d97384539","decision":"allow","outcome":"","detail":"ask","sealed":true,"mac":"edac8cff869b1821432e8df018624bf83638ba2d251f3b60605a971bf24ca25e"}','edac8cff869b1821432e8df018624bf83638ba2d251f3b60605a971bf24ca25e');
INSERT INTO audit VALUES(10,'{"seq":10,"at":"2026-11-21T13:48:57.105296895Z","who":"ada@desk","action":"db_full","sandbox":"shop","object":"fa5c0e8d97384539","decision":"","outcome":"done","detail":"","sealed":true,"mac":"7412a94e693b0cbed5dc071b98849b44bf2e637a8b68751b6e461866c84558e7"}','7412a94e693b0cbed5dc071b98849b44bf2e637a8b68751b6e461866c84558e7');
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO facts VALUES('filled from the vault','2026-11-21T13:48:49.108833048Z');
CREATE INDEX backups_by_time ON backups (started DESC);
CREATE TRIGGER audit_is_append_only_1 BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_append_only_2 BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
COMMIT;
PRAGMA user_version = 1;
