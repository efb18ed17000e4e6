package backup

import (
	"context"
	"io"
	"time"
)

// Clock gives the present time.
type Clock func() time.Time

// Sink receives the parts of a backup that is being taken. It is safe for concurrent use.
type Sink interface {
	// Create opens a new part. Names use slashes: "data/1.copy".
	Create(ctx context.Context, name string) (PartWriter, error)
	// Reset forgets every part sealed so far: the capture starts over.
	Reset()
}

// PartWriter receives one part. After a failed Write only Discard may follow.
type PartWriter interface {
	io.Writer
	// Seal completes the part; it is in the backup from then on.
	Seal() error
	// Discard drops the part. After Seal it does nothing.
	Discard()
}

// Parts reads a stored backup.
type Parts interface {
	// Open reads one part from its beginning, a few MiB ahead of the caller. Its Read ends with ctx, even
	// while the place does not answer. A name that is not there is Damaged.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
}

// Stored is a backup as the vault knows it, enough to rebuild the catalog.
type Stored struct {
	Manifest   *Manifest
	AddedBytes int64 // by which the vault grew
	VerifiedAt time.Time
}

// Vault keeps backups. Writing calls hold the vault's exclusive lock and give Busy when another
// process has it for longer than wait.
type Vault interface {
	// Write starts a backup.
	Write(ctx context.Context, wait time.Duration) (VaultWriter, error)
	// Read opens a stored backup; the shared lock is held until Close.
	Read(ctx context.Context, id ID, wait time.Duration) (VaultReader, error)
	// Verify reads every byte of a backup. report gets bytes read and bytes in all; may be nil.
	// A difference is Damaged and names the part.
	Verify(ctx context.Context, id ID, wait time.Duration, report func(done, total int64)) error
	// Delete removes backups and gives their space back at once: bytes freed. An ID that is
	// not there counts as removed.
	Delete(ctx context.Context, wait time.Duration, ids ...ID) (freed int64, err error)
	// List gives every backup that the vault holds, oldest first.
	List(ctx context.Context) ([]Stored, error)
	// Free says how many bytes the vault's place has left.
	Free() (bytes int64, err error)
}

// VaultWriter is a backup on its way into the vault.
type VaultWriter interface {
	Sink
	// AddFolder stores a folder of files, with a list of its contents. What cannot be read is noted
	// in the result, and is no error; that the folder itself cannot be read is one.
	AddFolder(ctx context.Context, job MediaJob, report func(files, bytes int64)) (MediaFolder, error)
	// Commit stores the manifest, makes everything durable, reads back what was added and only
	// then lists the backup. It gives up the lock. m.Finished is set by the caller.
	Commit(ctx context.Context, m *Manifest) (Stored, error)
	// Abort drops everything written so far, frees its space and gives up the lock.
	// After Commit it does nothing.
	Abort(ctx context.Context) error
}

// VaultReader is a stored backup, open for reading.
type VaultReader interface {
	Parts
	Manifest() *Manifest
	Close() error
}

// Server is what Runner and Restorer need of PostgreSQL.
type Server interface {
	// Preflight checks, without changing anything, that s can be captured: the server answers,
	// its tools are there, every table can be read whole. Errors carry cause and remedy.
	Preflight(ctx context.Context, s Sandbox) (Preflight, error)
	// Capture writes the parts of one consistent moment of s into sink. The result has all
	// that the database part of a manifest needs. No session stays on the server, ever.
	Capture(ctx context.Context, s Sandbox, sink Sink, report func(Progress)) (*Manifest, error)
	// Inspect looks at a database of the server that s names, which need not exist.
	Inspect(ctx context.Context, c Connection, s Sandbox) (Target, error)
	// Missing gives what m refers to and the server lacks, of the kinds that can be replaced.
	Missing(ctx context.Context, s Sandbox, m *Manifest) (Missing, error)
	// CreateRoles makes roles that can do nothing by themselves.
	CreateRoles(ctx context.Context, s Sandbox, roles []Role) error
	// Prepare checks that m can be restored there (roles, extensions, locale, rights), without
	// changing anything.
	Prepare(ctx context.Context, s Sandbox, m *Manifest) error
	// Fill makes the shadow database job.Shadow and restores m from parts into it, comparing
	// rows and hashes on the way. On any error the shadow is dropped again.
	Fill(ctx context.Context, job ShadowJob, m *Manifest, parts Parts, report func(Progress)) error
	// LookFile reads a file of pg_dump's whole, without changing anything, and says what a
	// restore of it on s's server would do. What is no such file, is torn, or cannot be restored
	// there is an error with cause and remedy.
	LookFile(ctx context.Context, s Sandbox, path string, report func(Progress)) (*FileFacts, error)
	// FillFrom makes the shadow database job.Shadow and restores the file that f is about into
	// it: how many tables and rows came of it. On any error the shadow is dropped again.
	FillFrom(ctx context.Context, job ShadowJob, f *FileFacts, report func(Progress)) (tables int, rows int64, err error)
	// Reread reads every table of the shadow back and compares it with m: the proof of a drill.
	Reread(ctx context.Context, job ShadowJob, m *Manifest, report func(Progress)) error
	// Reserve keeps other restores and undos of a database of s's server away, from any home, until
	// release is called or the process dies. Busy when another one has it for longer than wait.
	Reserve(ctx context.Context, s Sandbox, database string, wait time.Duration) (release func(), err error)
	// Marked gives the databases of s's server that carry the mark of this home.
	Marked(ctx context.Context, s Sandbox) ([]Marked, error)
	// Swap puts job.Shadow in the place of job.Live, which becomes job.Aside ("" when there is
	// no live database). note is called before the sessions are cut and after the renames are
	// committed; an error from the first call stops the swap.
	Swap(ctx context.Context, job SwapJob, note func(Stage) error) error
	// PlanTables says what LoadTables would do with each table, without changing anything.
	PlanTables(ctx context.Context, job TablesJob, m *Manifest) ([]TableFate, error)
	// LoadTables brings single tables back into a live database, in one transaction. commit is
	// called with the transaction's ID before it is committed; its error takes everything back.
	LoadTables(ctx context.Context, job TablesJob, m *Manifest, parts Parts, commit func(xact string) error, report func(Progress)) error
	// PlanSnapshot says what LoadSnapshot would do with each table, without changing anything.
	PlanSnapshot(ctx context.Context, job TablesJob, m *Manifest) (*SnapshotPlan, error)
	// LoadSnapshot empties tables of a live database and fills them with the rows of a snapshot, in
	// one transaction. commit is called as by LoadTables.
	LoadSnapshot(ctx context.Context, job TablesJob, from Snapshot, commit func(xact string) error, report func(Progress)) error
	// PlanInPlace says why the contents of a database cannot be replaced in place; nil when they can.
	PlanInPlace(ctx context.Context, job InPlaceJob, m *Manifest) error
	// ReplaceInPlace replaces the contents of a live database by what script writes as SQL, in
	// one transaction. commit is called as by LoadTables.
	ReplaceInPlace(ctx context.Context, job InPlaceJob, m *Manifest, script func(io.Writer) error, commit func(xact string) error, report func(Progress)) error
	// DropOurs drops a database that carries the mark of this home; any other is Refused.
	// One that is not there counts as dropped.
	DropOurs(ctx context.Context, s Sandbox, database string) error
	// Mend finishes or takes back what a dead process left of r, and says where the live
	// database stands now.
	Mend(ctx context.Context, s Sandbox, r *Restore) (Mended, error)
}

// Preflight is what was found before a capture.
type Preflight struct {
	ServerVersion string
	ToolsVersion  string
	Tables        int
	Bytes         int64    // size of the database on disk
	Warnings      []string // for people
	Operational   []Name   // tables whose rows would go along, and that programs write for themselves
}

// Target is a database that a restore may replace.
type Target struct {
	Exists   bool
	OID      uint32 // by which it is known again; 0 when it does not exist
	Sessions int    // of others, that would be cut
	Tables   int    // ordinary tables
	Rows     int64  // the server's own estimate
	Bytes    int64  // on disk
	Blockers []string
}

// ShadowJob says what to fill.
type ShadowJob struct {
	Sandbox Sandbox
	Shadow  string // name of the database to make; must not exist
	Run     ID     // the run that makes it, for its mark
	Target  string // the database whose place it is to take, for its mark; "" for none
	Purpose string // "restore" or "drill", for its mark

	RoleMap       map[string]string // missing role to the one that gets what was its own; may be nil
	NoTablespaces bool              // put everything where the server puts it by itself
	Warn          func(text string) // gets what differs from the original though all is well; may be nil
}

// SwapJob says what to swap.
type SwapJob struct {
	Sandbox Sandbox
	Run     ID
	Live    string // name that the shadow gets
	Shadow  string // database that takes its place
	Aside   string // name for what was live; "" when there is no live database
	Backup  ID     // what the shadow was made from, for the mark of what goes aside
	Saved   ID     // the backup of what goes aside, for its mark; "" for none
	Props   *Database
}

// Marked is a database that carries the mark of this home: enough to know it without the catalog.
type Marked struct {
	Name    string
	Run     ID     // the restore, undo or drill that made it or put it aside
	Kept    bool   // it was live before a swap; else it is a shadow
	Drill   bool   // of a shadow: a drill's scratch database
	Sandbox string // "" in marks of older versions
	Target  string // the database that it was, or whose place it is to take
	Backup  ID     // of a kept one: what was restored into its place
	Saved   ID     // of a kept one: the backup of it; "" for none
	Banned  bool   // it refuses sessions: a swap had begun
	InUse   bool   // a living session works on its run
	Since   time.Time
}

// Mended says how Mend left things.
type Mended struct {
	Swapped bool // the restored database is live; r.Replaced holds the one before
	Text    string
}

// Catalog remembers runs and the audit log.
type Catalog interface {
	PutBackup(ctx context.Context, b *Backup) error
	Backup(ctx context.Context, id ID) (*Backup, error) // Usage when unknown
	Backups(ctx context.Context, q Query) ([]Backup, error)
	PutRestore(ctx context.Context, r *Restore) error
	Restore(ctx context.Context, id ID) (*Restore, error)
	Restores(ctx context.Context) ([]Restore, error)
	Alarm(ctx context.Context, sandbox string) (*Alarm, error) // nil when there is none
	PutAlarm(ctx context.Context, a *Alarm) error
	DropAlarm(ctx context.Context, sandbox string) error
	AppendAudit(ctx context.Context, e AuditEntry) error
	Audit(ctx context.Context) ([]AuditEntry, error)
	AuditHead(ctx context.Context) (string, error)
}

// Query narrows a list of backups; the zero value means all that are not deleted.
type Query struct {
	Sandbox string
	Deleted bool // deleted ones too
}

// Progress is how far a run is. Totals are 0 when not known.
type Progress struct {
	Stage       string // "definitions", "tables", "verify", …
	TablesDone  int
	TablesTotal int
	Bytes       int64 // of COPY text or files so far
	BytesTotal  int64 // estimate
	Files       int64 // of a sandbox's folders so far

	IndexesDone  int // constraints that are indexes count too
	IndexesTotal int
}
