package backup

import (
	"encoding/json"
	"fmt"
	"time"
)

// ManifestVersion is the format that this program writes. It reads this one and older ones.
const ManifestVersion = 1

// Names of a backup's parts, relative to the root of its snapshot.
const (
	PartManifest = "manifest.json"
	PartTOC      = "database.toc"  // pg_dump custom format, without table data and large-object blocks
	PartGlobals  = "globals.sql"   // roles the database refers to, without passwords
	PartReadme   = "RESTORE.txt"   // how to get everything back with stock tools
	PartScript   = "restore.sh"    // the step of RESTORE.txt that fills the database
	DirTables    = "data"          // data/<n>.copy: COPY text of one table
	DirBlobs     = "large-objects" // large-objects/<n>.blobs: one block of pg_dump's stream, verbatim
)

// Manifest says what a backup holds. It is stored beside the data, inside the vault.
type Manifest struct {
	Version       int           `json:"version"`
	ID            ID            `json:"id"`
	Sandbox       string        `json:"sandbox"`
	What          Scope         `json:"what"`
	Trigger       Trigger       `json:"trigger"`
	Schedule      string        `json:"schedule,omitempty"` // of a scheduled one, as it was then
	Started       time.Time     `json:"started"`            // UTC
	Captured      time.Time     `json:"captured"`
	Finished      time.Time     `json:"finished"`
	Who           string        `json:"who"`
	Note          string        `json:"note,omitempty"`
	Program       string        `json:"program"`        // version of Holdfast
	ServerVersion string        `json:"server_version"` // "15.18"
	ToolsVersion  string        `json:"tools_version"`  // version of pg_dump
	Database      Database      `json:"database"`
	Selection     *Selection    `json:"selection,omitempty"` // nil: the whole database
	Tables        []Table       `json:"tables"`
	Sequences     []Sequence    `json:"sequences"`
	LargeObjects  Blobs         `json:"large_objects"`
	Roles         []Role        `json:"roles"`
	Members       []Member      `json:"members,omitempty"`     // who of Roles is a member of whom of them
	Extensions    []string      `json:"extensions"`            // names, sorted
	Tablespaces   []string      `json:"tablespaces,omitempty"` // of tables and indexes, besides the database's own
	Privileged    []string      `json:"privileged,omitempty"`  // objects, in words, that only a superuser may make
	Media         []MediaFolder `json:"media,omitempty"`
	AuditHead     string        `json:"audit_head"`     // hex HMAC of the audit log's newest entry at the start
	Gate          *Anchor       `json:"gate,omitempty"` // nil while the gate has no rules of its own
}

// Anchor names the gate's rules of a time, so that they cannot be taken away or set back together
// with the catalog.
type Anchor struct {
	Home  string `json:"home"`  // whose gate it is
	Rules string `json:"rules"` // digest
}

// Database describes the database that was captured: what CREATE DATABASE and its
// companions need to make it again.
type Database struct {
	Name            string    `json:"name"`
	Owner           string    `json:"owner"`
	Encoding        string    `json:"encoding"` // "UTF8"
	Collate         string    `json:"collate"`
	Ctype           string    `json:"ctype"`
	Provider        string    `json:"provider"` // "c" libc, "i" ICU, "b" builtin
	Locale          string    `json:"locale,omitempty"`
	LocaleRules     string    `json:"locale_rules,omitempty"`
	LocaleVersion   string    `json:"locale_version,omitempty"` // of the sorting rules; "" when not known
	Tablespace      string    `json:"tablespace"`
	ConnectionLimit int       `json:"connection_limit"` // -1: none
	Comment         *string   `json:"comment,omitempty"`
	Grants          []Grants  `json:"grants"`   // nil: the default rights
	Settings        []Setting `json:"settings"` // ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET
	Labels          []Label   `json:"labels,omitempty"`
}

// Grants is one entry of a database's access list.
type Grants struct {
	Grantee    string `json:"grantee"` // "" is PUBLIC
	Privilege  string `json:"privilege"`
	WithOption bool   `json:"with_option,omitempty"`
	Grantor    string `json:"grantor"`
}

// Setting is one database-level setting, for one role or (Role "") for all.
type Setting struct {
	Role  string `json:"role,omitempty"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Label is a security label of a database.
type Label struct {
	Provider string `json:"provider"`
	Label    string `json:"label"`
}

// Table is one table whose rows the backup holds.
type Table struct {
	Schema    string   `json:"schema"`
	Name      string   `json:"name"`
	Part      string   `json:"part"` // name of its part in the backup; "" when its rows were left out
	Columns   []Column `json:"columns"`
	Condition string   `json:"condition,omitempty"` // WHERE of an extension's configuration table
	Extension string   `json:"extension,omitempty"` // the extension that owns it; "" for most
	Root      *Name    `json:"root,omitempty"`      // where rows must be routed again, the partitioned table to load through
	Excluded  bool     `json:"excluded,omitempty"`  // rows left out on purpose
	Rows      int64    `json:"rows"`
	Bytes     int64    `json:"bytes"` // of COPY text
	Hash      string   `json:"hash"`  // RowSum in hex: order does not matter
}

// Name is a schema-qualified name.
type Name struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
}

// Column is one column of a captured table, in COPY's order; generated columns are not listed.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"` // as format_type gives it
}

// Sequence is the state of a sequence as pg_dump saw it.
type Sequence struct {
	Schema   string `json:"schema"`
	Name     string `json:"name"`
	Last     int64  `json:"last"`
	IsCalled bool   `json:"is_called"`
}

// Blobs sums up the large objects.
type Blobs struct {
	Count int64    `json:"count"`
	Bytes int64    `json:"bytes"`
	Hash  string   `json:"hash"`  // RowSum over each object's OID and contents, in hex
	Parts []string `json:"parts"` // in the order in which pg_restore must read them
}

// Role is a role that the database refers to. Passwords are never read.
type Role struct {
	Name       string `json:"name"`
	Login      bool   `json:"login"`
	Superuser  bool   `json:"superuser"`
	Inherit    bool   `json:"inherit"`
	CreateDB   bool   `json:"create_db"`
	CreateRole bool   `json:"create_role"`

	Replication bool    `json:"replication,omitempty"`
	BypassRLS   bool    `json:"bypass_rls,omitempty"`
	Owner       bool    `json:"owner,omitempty"` // of objects in the database
	Comment     *string `json:"comment,omitempty"`
}

// Member says that one role is a member of another. Inherit and Set are nil before
// PostgreSQL 16, which had no such options.
type Member struct {
	Role    string `json:"role"`
	Member  string `json:"member"`
	Admin   bool   `json:"admin,omitempty"`
	Inherit *bool  `json:"inherit,omitempty"`
	Set     *bool  `json:"set,omitempty"`
}

// Rows sums the rows of all tables.
func (m *Manifest) Rows() int64 {
	var n int64
	for i := range m.Tables {
		n += m.Tables[i].Rows
	}
	return n
}

// Bytes sums the COPY text of all tables and the large objects.
func (m *Manifest) Bytes() int64 {
	n := m.LargeObjects.Bytes
	for i := range m.Tables {
		n += m.Tables[i].Bytes
	}
	return n
}

// RawBytes sums all that the backup holds: the database's Bytes and the files.
func (m *Manifest) RawBytes() int64 {
	_, n := MediaFiles(m.Media)
	return m.Bytes() + n
}

// EncodeManifest gives the JSON text that is stored.
func EncodeManifest(m *Manifest) ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return append(text, '\n'), nil
}

// DecodeManifest reads a stored manifest. One from a newer program, or one that does not
// make sense, is Damaged.
func DecodeManifest(text []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, &Error{Kind: Damaged, Text: "the manifest of the backup is not readable", Hint: "Use another backup, or verify the vault.", Err: err}
	}
	if m.Version < 1 || m.Version > ManifestVersion {
		return nil, Errorf(Damaged, "Install a newer Holdfast to use this backup.",
			"the backup has manifest version %d; this program reads up to %d", m.Version, ManifestVersion)
	}
	if err := ValidateID(m.ID); err != nil {
		return nil, &Error{Kind: Damaged, Text: "the manifest of the backup names no valid ID", Err: err}
	}
	return &m, nil
}
