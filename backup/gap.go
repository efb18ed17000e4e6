package backup

// GapKind says what kind of thing the backups of a sandbox do not hold.
type GapKind string

// The kinds.
const (
	GapFolders   GapKind = "folders"        // no folder is backed up
	GapUploads   GapKind = "uploads"        // folders that look as if people's files were in them
	GapPatterns  GapKind = "patterns"       // files that patterns leave out
	GapTables    GapKind = "tables"         // rows of tables that are left out
	GapSchemas   GapKind = "schemas"        // all schemas but those that are named
	GapRoles     GapKind = "roles"          // passwords of roles, other roles, settings of the server
	GapDatabases GapKind = "databases"      // others on the same server
	GapStorage   GapKind = "object-storage" // buckets
	GapServers   GapKind = "servers"        // databases that are not PostgreSQL's
	GapSecrets   GapKind = "secrets"        // files with passwords and keys
	GapCode      GapKind = "code"           // which git keeps
)

// Gap is something that no backup of a sandbox holds.
type Gap struct {
	Kind  GapKind
	Names []string // what it is about, never a secret; none where nothing was found or looked for
}
