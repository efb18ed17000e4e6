package backup

// File is a file that a restore was made from, as it is on record.
type File struct {
	Name   string `json:"name"` // its path
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // of a folder: of the list of its files that sha256sum would print, sorted by name
}

// FileFacts is what a file of pg_dump's says of itself, and what a restore of it will do.
type FileFacts struct {
	File

	Format   string   // "custom", "tar", "directory", "script"
	Database string   // that it was made from; "" when it does not say
	Made     string   // when, by the clock of the machine that made it; "" when it does not say
	Server   string   // version of the server that it was made from
	Dumper   string   // version of pg_dump
	Tables   []string // "public.orders"
	Rows     int64    // that it holds as COPY text
	Props    Database // what the restored database will be

	Missing         []string // roles that it names and the server does not have
	NoOwner         bool     // everything will belong to who restores
	NoRights        bool     // granted rights are left out
	NoTablespaces   bool     // everything goes where the server puts it by itself
	NoSubscriptions bool     // subscriptions are left out
	MakesPublic     bool     // it makes the schema public, which a new database has already
	Notes           []string // sentences: what differs from the original, what to beware of

	Stamp string // changes when the file does
}
