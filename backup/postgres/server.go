// Package postgres reaches PostgreSQL servers, 13 to 18: it captures one consistent moment of
// a database into the parts of a backup, and restores such parts through a shadow database.
//
// Promises:
//
//   - Every session of ours, and of the client tools that we start, has the settings of
//     settings.go, whatever role and database say: no timeout of theirs cuts a run short, and
//     the text form of values does not depend on them.
//   - A capture is one moment. A table whose definition or storage changed between the snapshot
//     and its copy makes the capture start over; a migration is never made to wait for the
//     whole run.
//   - When a call returns, its sessions on the server are gone, after an error and a cancel too.
//   - Errors are *backup.Error with cause and remedy. No password and no connection string is
//     in any error, argument or environment value.
//
// Hazards:
//
//   - Under an older snapshot TRUNCATE and rewriting DDL show an empty table, and the functions
//     of the catalogs (format_type, pg_get_expr) answer for the present, not for the snapshot.
//     That is why changes are looked for, see capture_check.go.
//   - COPY text is in the database's own encoding, which need not be UTF-8.
//   - A role that is neither owner nor superuser cannot see everything; Preflight says what.
//
// Where the processors are when 1 GB of rows is restored on two of them (PostgreSQL 15, tables of
// medium size as in make bench; seconds of processor time, of 16 to 18 in all):
//
//	server  COPY: parsing, writing rows and their log    8.5
//	server  indexes                                      2.2
//	server  statistics                                   0.8
//	server  foreign key                                  0.5
//	server  sessions, definitions                        1.2
//	client  decompressing, decrypting                    1.1
//	client  sending, copying in memory                   1.5
//	client  approval and vault keys, hashing             0.5
//
// The server works, it hardly waits (its log, a tenth), and never for rows. So a restore takes as
// long as its processors are kept busy: the table that most follows from is filled first, and
// whatever follows is done as soon as it can be, see fill_plan.go. Where all are busy, an index
// that is built in one process takes a fifth less of their time than in three.
package postgres

import (
	"context"
	"time"

	"holdfast/backup"
)

// Server reaches PostgreSQL servers; it implements backup.Server.
// Its fields are set before first use and not changed afterwards.
type Server struct {
	Password func(backup.Sandbox) (string, error) // "" = none of ours; pgpass and PGPASSWORD apply
	Home     string                               // random id of this home, for marks
	Tools    string                               // folder of client tools; "" = search
	Workers  int                                  // 0 = min(4, cores)
	Clock    backup.Clock

	Ready func(context.Context, backup.Sandbox) error // called before each connection: starts a server of ours; may be nil

	patience time.Duration // how long to wait for a lock in all; 0 = lockPatience
	silence  time.Duration // how long a COPY may give nothing; 0 = copySilence
	noEvents bool          // event triggers do not fire in its sessions

	dialTime  time.Duration // how long connecting may take; 0 = connectTimeout
	vigilance time.Duration // how often the connections are looked after; 0 = vigilTime
	comeback  time.Duration // between two tries to reach a server that went away; 0 = comebackPause
	vigil     *vigil        // of this run; may be nil
}
