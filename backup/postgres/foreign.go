package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"
)

// The formats of pg_dump.
const (
	formatCustom    = "custom"
	formatTar       = "tar"
	formatDirectory = "directory"
	formatScript    = "script"
)

// looking is one look at a file that is to be restored.
type looking struct {
	s      *Server
	facts  *backup.FileFacts
	report func(backup.Progress)

	owners      []string // roles that become owners
	grantees    []string // roles that rights are given to
	extensions  []string
	tablespaces []string
	copies      int // tables whose rows are COPY text
	objects     int // large objects
	objectData  bool
	subscribes  bool
	encoding    string
}

// LookFile reads a file of pg_dump's whole and says what a restore of it on sb's server would
// do. It changes nothing. Nothing in the file is trusted: what it names is looked up or quoted.
func (s *Server) LookFile(ctx context.Context, sb backup.Sandbox, path string, report func(backup.Progress)) (*backup.FileFacts, error) {
	s, stop := s.guarded(ctx, sb)
	defer stop()
	l := &looking{s: s, facts: &backup.FileFacts{}, report: report}
	if err := l.classify(path); err != nil {
		return nil, err
	}
	var err error
	if l.facts.Format == formatScript {
		err = l.readScript(ctx)
	} else {
		err = l.readArchive(ctx)
	}
	if err != nil {
		return nil, cancelledFirst(ctx, err)
	}
	a, err := s.admin(ctx, sb)
	if err != nil {
		return nil, err
	}
	defer a.close()
	if err := l.place(ctx, a, sb); err != nil {
		return nil, err
	}
	if l.facts.Format != formatScript {
		if err := l.readData(ctx, a); err != nil {
			return nil, cancelledFirst(ctx, err)
		}
	}
	return l.facts, l.unchanged()
}

// stage reports that something begins.
func (l *looking) stage(name string) {
	if l.report != nil {
		l.report(backup.Progress{Stage: name, BytesTotal: l.facts.Bytes})
	}
}

// unchanged makes sure that the file is still what was looked at.
func (l *looking) unchanged() error { return checkStamp(l.facts) }

// place compares what the file needs with what the server has, and decides what the restored
// database will be.
func (l *looking) place(ctx context.Context, a *admin, sb backup.Sandbox) error {
	var err error
	if l.facts.Props, err = l.props(ctx, a, sb); err != nil {
		return err
	}
	m := l.manifest()
	for _, check := range []func(context.Context, *backup.Manifest) error{a.checkWritable, a.checkEncoding, a.checkExtensions, a.checkRights, a.checkGuardedExtensions} {
		if err := check(ctx, m); err != nil {
			return err
		}
	}
	if err := l.roles(ctx, a); err != nil {
		return err
	}
	missing, err := missingTablespaces(ctx, a.conn, &backup.Manifest{Tablespaces: l.tablespaces})
	if err != nil {
		return a.explain(err)
	}
	if len(missing) > 0 {
		l.facts.NoTablespaces = true
		l.note("The server has no tablespace %s: everything goes where the server puts it by itself.", shown(listNames(quoteAll(missing))))
	}
	if l.subscribes {
		l.facts.NoSubscriptions = true
		l.note("Subscriptions are left out.")
	}
	return nil
}

// manifest says of the file what a backup's manifest would.
func (l *looking) manifest() *backup.Manifest {
	return fileManifest(l.facts, l.extensions)
}

func fileManifest(f *backup.FileFacts, extensions []string) *backup.Manifest {
	return &backup.Manifest{ServerVersion: f.Server, ToolsVersion: f.Dumper, Database: f.Props, Extensions: extensions}
}

// roles looks for the roles that the file names. As pg_restore does when told so, either all
// owners are kept or none, and the same with rights.
func (l *looking) roles(ctx context.Context, a *admin) error {
	there, err := a.texts(ctx, "SELECT rolname::text FROM pg_roles")
	if err != nil {
		return err
	}
	others, err := a.texts(ctx, "SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1) AND NOT pg_has_role(current_user, oid, $2)", l.owners, a.membership())
	if err != nil {
		return err
	}
	lacks := func(role string) bool { return role != "" && !slices.Contains(there, role) }
	l.facts.NoOwner = len(others) > 0 || slices.ContainsFunc(l.owners, lacks)
	l.facts.NoRights = l.facts.NoOwner || slices.ContainsFunc(l.grantees, lacks)
	for _, role := range slices.Concat(l.owners, l.grantees) {
		if lacks(role) && !slices.Contains(l.facts.Missing, role) {
			l.facts.Missing = append(l.facts.Missing, role)
		}
	}
	what := fmt.Sprintf("The server does not have the roles %s, which the file names", shown(listNames(quoteAll(l.facts.Missing))))
	if len(l.facts.Missing) == 0 {
		what = fmt.Sprintf("The role %q is no member of the roles %s, which the file names", a.me(), listNames(quoteAll(others)))
	}
	switch {
	case l.facts.NoOwner:
		l.note("%s: everything will belong to %q, and the rights that the file grants are left out.", what, a.me())
	case l.facts.NoRights:
		l.note("%s: all rights that the file grants are left out.", what)
	}
	return nil
}

func (l *looking) note(format string, args ...any) {
	l.facts.Notes = append(l.facts.Notes, fmt.Sprintf(format, args...))
}

// props gives the restored database what the one that it replaces has: owner, locale, rights,
// settings, comment. Encoding is the file's own. Where nothing is replaced, it is the server's choice.
func (l *looking) props(ctx context.Context, a *admin, sb backup.Sandbox) (backup.Database, error) {
	d, err := l.s.liveProps(ctx, a, sb)
	if err != nil {
		return d, err
	}
	if l.encoding == "" || normalEncoding(l.encoding) == normalEncoding(d.Encoding) {
		return d, nil
	}
	l.note("The file is in the encoding %s, and %s in %s: the restored database will be in %s, and sort by bytes.", l.encoding, sb.Connection.Database, d.Encoding, l.encoding)
	d.Encoding, d.Collate, d.Ctype, d.Provider, d.Locale, d.LocaleRules, d.LocaleVersion = l.encoding, "C", "C", "c", "", "", ""
	return d, nil
}

// liveProps reads what the sandbox's database is, or what a new one on the server would be.
func (s *Server) liveProps(ctx context.Context, a *admin, sb backup.Sandbox) (d backup.Database, err error) {
	there, err := a.find(ctx, sb.Connection.Database)
	if err != nil {
		return d, err
	}
	if there == nil || !there.Allow {
		d = backup.Database{Name: sb.Connection.Database, Owner: a.me(), ConnectionLimit: -1}
		err := a.conn.QueryRow(ctx, "SELECT pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datctype::text, "+localeColumns(a.num)+
			" FROM pg_database d WHERE d.datname = 'template0'").Scan(&d.Encoding, &d.Collate, &d.Ctype, &d.Provider, &d.Locale, &d.LocaleRules, &d.LocaleVersion)
		return d, a.explain(err)
	}
	conn, err := s.connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		return d, err
	}
	defer closeConn(conn)
	oid, err := readDatabase(ctx, conn, a.num, &d)
	if err == nil {
		d.Grants, err = readGrants(ctx, conn, oid)
	}
	if err == nil {
		d.Settings, err = readSettings(ctx, conn, oid)
	}
	return d, a.explain(err)
}

// maxShown is how much of a text from the file people are shown, in letters.
const maxShown = 2 * backup.MaxName

// shown makes a text from the file fit to be shown: it may be in any encoding, and of any length.
func shown(text string) string { return firstRunes(text, maxShown) }

// plainName writes a table's name for people.
func plainName(schema, name string) string { return shown(strings.TrimPrefix(schema+"."+name, ".")) }
