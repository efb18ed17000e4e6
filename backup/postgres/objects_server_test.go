package postgres

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// objectServer is a private server with what the database of all kinds of objects needs beside
// it: an extension of ours, a provider of security labels, a tablespace, roles.
type objectServer struct {
	*bench

	labels bool // there is a compiler, so there are security labels
}

func startObjectServer(t *testing.T) *objectServer {
	t.Helper()
	dir, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	options := []PrivateOption{WithoutFsync(), WithPrograms(mirrorServer(t, dir)), WithSetting("wal_level", "logical"), WithSetting("max_locks_per_transaction", "256")}
	provider := compileLabels(t, dir)
	if provider != "" {
		options = append(options, WithSetting("session_preload_libraries", provider))
	}
	server, err := StartPrivate(t.Context(), filepath.Join(dir, "server"), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	s := &objectServer{labels: provider != ""}
	s.bench = &bench{Server: testServer(), t: t, sb: backup.Sandbox{Name: "test", Connection: server.Socket("live")}}
	space := filepath.Join(dir, "space")
	makeDir(t, space)
	if err := giveToServer(space); err != nil {
		t.Fatal(err)
	}
	s.run("template1", `CREATE ROLE staff`, `CREATE ROLE guest`, `CREATE ROLE "ro""le näme"`, `CREATE ROLE boss SUPERUSER`,
		`CREATE TABLESPACE "space ""1""" LOCATION `+quoteLiteral(space))
	return s
}

// mirrorServer makes a copy of the shared server's programs that knows our extension. The
// programs find everything else relative to themselves: the folders on the way to them and to
// the extensions are made anew, with links to all that is beside the way.
func mirrorServer(t *testing.T, dir string) string {
	t.Helper()
	sb := socketSandbox(t, "postgres")
	place := func(name string) string { return ask(t, sb, "SELECT setting FROM pg_config WHERE name = $1", name) }
	bin, extensions := place("BINDIR"), filepath.Join(place("SHAREDIR"), "extension")
	root := filepath.Dir(bin)
	for !within(extensions, root) {
		root = filepath.Dir(root)
	}
	linkAround(t, filepath.Dir(root), dir, bin, extensions)
	for _, program := range []string{"postgres", "initdb"} {
		target := filepath.Join(dir, bin, program)
		if err := os.Remove(target); err != nil {
			t.Fatal(err)
		}
		copyFile(t, filepath.Join(bin, program), target, 0o755)
	}
	for _, name := range []string{"holdfast_test.control", "holdfast_test--1.0.sql"} {
		copyFile(t, filepath.Join("testdata", "extension", name), filepath.Join(dir, extensions, name), 0o644)
	}
	return filepath.Join(dir, bin)
}

// within says whether path is root or below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, "/")+"/")
}

// linkAround makes the folder from again below dir: folders on the way to one of targets, and
// links for the rest.
func linkAround(t *testing.T, from, dir string, targets ...string) {
	t.Helper()
	makeDir(t, filepath.Join(dir, from))
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(from, entry.Name())
		if slices.ContainsFunc(targets, func(target string) bool { return within(target, path) }) {
			linkAround(t, path, dir, targets...)
		} else if err := os.Symlink(path, filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
	}
}

func copyFile(t *testing.T, from, to string, mode fs.FileMode) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	makeDir(t, filepath.Dir(to))
	if err := os.WriteFile(to, text, mode); err != nil {
		t.Fatal(err)
	}
}

// makeDir makes a folder that the server's user may read.
func makeDir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

// compileLabels makes the provider of security labels; "" without a compiler.
func compileLabels(t *testing.T, dir string) string {
	t.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Log("no compiler: security labels are left out")
		return ""
	}
	library := filepath.Join(dir, "label.so")
	cmd := exec.CommandContext(t.Context(), compiler, "-shared", "-fPIC", "-DMAJOR="+strconv.Itoa(sharedMajor(t)), "-o", library, filepath.Join("testdata", "label.c"))
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return library
}

// build makes the database of all kinds of objects from the files of testdata/objects, except
// some. "names" stands for the hostile names.
func (s *objectServer) build(database string, except ...string) {
	s.t.Helper()
	s.run("template1", "CREATE DATABASE "+quoteIdent(database)+" TEMPLATE template0")
	files, err := filepath.Glob("testdata/objects/*.sql")
	if err != nil || len(files) == 0 {
		s.t.Fatalf("no files: %v", err)
	}
	major := sharedMajor(s.t)
	conn := s.open(database)
	defer closeConn(conn)
	for _, file := range files {
		kind := strings.Trim(strings.TrimSuffix(filepath.Base(file), ".sql"), "0123456789_")
		if slices.Contains(except, kind) || kind == "labels" && !s.labels {
			continue
		}
		statements := blocks(s.t, file, major)
		if kind == "rights" && !slices.Contains(except, "names") {
			statements = append(statements, hostileObjects()...)
		}
		for _, sql := range statements {
			if err := execute(s.ctx(), conn, sql); err != nil {
				s.t.Errorf("%s: %.300s: %v", file, sql, err)
			}
		}
	}
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// blocks reads the statements of a file that are for servers of a version.
func blocks(t *testing.T, file string, major int) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var chosen []string
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		first, _, _ := strings.Cut(block, "\n")
		word, number, _ := strings.Cut(strings.TrimPrefix(first, "-- "), " ")
		limit, err := strconv.Atoi(number)
		guarded := strings.HasPrefix(first, "-- ") && err == nil
		if guarded && (word == "from" && major < limit || word == "until" && major > limit) {
			continue
		}
		chosen = append(chosen, block)
	}
	return chosen
}

// hostileObjects gives every name that breaks what is not quoted with care to one object of
// each kind that a dump names.
func hostileObjects() []string {
	var sql []string
	for _, name := range hostileNames() {
		word := strings.NewReplacer("{n}", quoteIdent(name), "{s}", `"we""ird. schéma"`, "{l}", quoteLiteral(name), "{d}", quoteLiteral("BEGIN RETURN "+quoteLiteral(name)+"; END"))
		for _, template := range []string{
			`CREATE SCHEMA {n} CREATE TABLE "table" (id int)`,
			`CREATE TYPE "e$nums".{n} AS ENUM ({l}, 'other')`,
			`CREATE DOMAIN "do.mains".{n} AS text DEFAULT {l} CONSTRAINT {n} CHECK (VALUE <> {l})`,
			`CREATE TABLE {s}.{n} ({n} int CONSTRAINT {n} CHECK ({n} < 1000), id serial, k "e$nums".{n} DEFAULT {l}, t "do.mains".{n}, made text GENERATED ALWAYS AS ({l} || id) STORED)`,
			`INSERT INTO {s}.{n} ({n}, k, t) VALUES (1, {l}, 'x'), (2, 'other', {d})`,
			`CREATE INDEX {n} ON {n}."table" (id)`,
			`CREATE SEQUENCE "se quences".{n} START 5`,
			`CREATE FUNCTION {s}.{n}({n} int DEFAULT 1) RETURNS text LANGUAGE plpgsql AS {d}`,
			`CREATE FUNCTION {n}.{n}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
			`CREATE TRIGGER {n} AFTER INSERT ON {s}.{n} EXECUTE FUNCTION {n}.{n}({l})`,
			`CREATE POLICY {n} ON {s}.{n} USING (k <> {l})`,
			`CREATE RULE {n} AS ON DELETE TO {n}."table" DO ALSO SELECT {l}`,
			`CREATE VIEW {n}."view" AS SELECT {n} AS {n}, {l} AS "literal" FROM {s}.{n}`,
			`CREATE MATERIALIZED VIEW {n}."matview" AS SELECT {n} AS {n} FROM {s}.{n}`,
			`CREATE PUBLICATION {n} FOR TABLE {s}.{n}`,
			`CREATE SERVER {n} FOREIGN DATA WRAPPER "no ""handler""" OPTIONS ({n} {l})`,
			`CREATE STATISTICS {n}.{n} ON {n}, id FROM {s}.{n}`,
			`CREATE TEXT SEARCH CONFIGURATION {n}.{n} (COPY = simple)`,
			`CREATE COLLATION {n}.{n} (LOCALE = 'C')`,
			`CREATE AGGREGATE {n}."agg" (int) (SFUNC = int4larger, STYPE = int)`,
			`CREATE OPERATOR {n}.@@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)`,
			`GRANT SELECT ({n}) ON {s}.{n} TO guest`,
		} {
			sql = append(sql, word.Replace(template))
		}
	}
	return sql
}
