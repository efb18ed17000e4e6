package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
)

// TestAcrossVersions restores a backup of each version into newer and older ones.
func TestAcrossVersions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		from int
		into []int
	}{
		{13, []int{15, 18}}, {14, []int{16}}, {15, []int{18, 13}}, {16, []int{17}}, {17, []int{18}}, {18, []int{15, 13}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.from), func(t *testing.T) {
			source := startVersion(t, c.from)
			source.roles()
			source.fresh("shop", rich()...)
			source.run("template1", props("shop")...)
			m, parts := source.capture("shop")
			want := source.definitions("shop")
			for _, into := range c.into {
				t.Run(fmt.Sprint("into ", into), func(t *testing.T) {
					target := startVersion(t, into)
					target.globals(parts)
					target.restore(m, parts)
					same(t, want, target.definitions("restored"))
					target.sameProps(t, m, "restored")
				})
			}
		})
	}
}

// TestWhatAnOlderServerDoesNotKnow is refused with the object named, and leaves nothing.
func TestWhatAnOlderServerDoesNotKnow(t *testing.T) {
	t.Parallel()
	source := startVersion(t, 18)
	source.fresh("live", "CREATE TABLE plain (x int)", "CREATE TABLE modern (a int, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL)")
	m, parts := source.capture("live")
	target := startVersion(t, 15)
	err := target.Fill(t.Context(), target.job("shadow"), m, parts, nil)
	wantKind(t, err, backup.Failed, "CREATE TABLE public.modern: syntax error", "PostgreSQL 18 or newer")
	if got := target.databases(); len(got) != 0 {
		t.Errorf("databases: %q", got)
	}
}

// TestDefinitionsByNewerToolsThanAnOlderServer fails where pg_dump wrote what only servers of its own version take.
func TestDefinitionsByNewerToolsThanAnOlderServer(t *testing.T) {
	t.Parallel()
	b := startVersion(t, 13)
	b.fresh("live", `CREATE SUBSCRIPTION sub CONNECTION 'password=secret' PUBLICATION none WITH (connect = false, slot_name = NONE)`)
	m, parts := b.capture("live")
	err := b.Fill(t.Context(), b.job("shadow"), m, parts, nil)
	wantKind(t, err, backup.Failed, "CREATE SUBSCRIPTION sub", "streaming", "back up again with the client tools of PostgreSQL 13")
	if strings.Contains(err.Error(), "secret") {
		t.Error("the error shows what is in the statement")
	}
}

// TestToolsForAnArchive asks for the tools that read an archive, in words that fit.
func TestToolsForAnArchive(t *testing.T) {
	server := func(versions ...string) *Server {
		var folders []string
		for _, version := range versions {
			folders = append(folders, fakeTools(t, version))
		}
		t.Setenv("PATH", strings.Join(folders, ":"))
		return &Server{}
	}
	t.Run("choice", func(t *testing.T) {
		s := server("88.1", "89.1")
		for _, c := range []struct {
			made   string
			server int
			want   int
		}{{"88.4", 150000, 88}, {"88.4", 890000, 89}, {"15.3", 880000, 88}, {"", 890000, 89}} {
			got, err := s.restoreTools(c.server, &backup.Manifest{ToolsVersion: c.made})
			if err != nil || got.Major != c.want {
				t.Errorf("archive of %s into %d: %d, want %d (%v)", c.made, c.server, got.Major, c.want, err)
			}
		}
	})
	for made, want := range map[string]int{"13.2": 13, "15.20": 13, "16.1": 16, "17.6": 17, "18.6": 17, "19.1": 19, "": 13} {
		if got := archiveReader(made); got != want {
			t.Errorf("an archive of %q needs pg_restore %d, want %d", made, got, want)
		}
	}
	s := &Server{Tools: fakeTools(t, "15.20")}
	_, err := s.restoreTools(150000, &backup.Manifest{ToolsVersion: "18.6"})
	wantKind(t, err, backup.Failed, "pg_restore is version 15.20", "made by pg_dump 18.6", "pg_restore 17 and newer", "which is PostgreSQL 15", "postgresql-client-17")
	if strings.Contains(err.Error(), "older than the server") {
		t.Error(err)
	}
	_, err = s.restoreTools(180000, &backup.Manifest{ToolsVersion: "15.20"})
	wantKind(t, err, backup.Failed, "older than the server, which is PostgreSQL 18", "postgresql-client-18")
	if got, err := s.restoreTools(130000, &backup.Manifest{ToolsVersion: "13.23"}); err != nil || got.Major != 15 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestKnownHoles(t *testing.T) {
	cases := []struct {
		version string
		words   []string
	}{
		{"13.21", []string{"pg_dump 13.21", "CVE-2025-8714", "CVE-2025-8715", "13.22 or newer"}},
		{"13.22", nil},
		{"15.13 (Debian 15.13-1)", []string{"CVE-2025-8714", "CVE-2026-116314", "15.20 or newer"}},
		{"15.19", []string{"CVE-2026-116314", "15.20 or newer"}},
		{"15.20", nil},
		{"17.10", []string{"CVE-2026-18408", "17.11 or newer"}},
		{"17.11", nil},
		{"18.6", nil},
	}
	for _, c := range cases {
		found, ok := toolsIn(fakeTools(t, c.version))
		if !ok {
			t.Fatalf("%s: no tools", c.version)
		}
		warning := found.warning()
		for _, word := range c.words {
			if !strings.Contains(warning, word) {
				t.Errorf("%s: %q wanted in %q", c.version, word, warning)
			}
		}
		if len(c.words) == 0 && warning != "" {
			t.Errorf("%s: %s", c.version, warning)
		}
	}
}

// TestHolesAreSaid runs a preflight with old tools.
func TestHolesAreSaid(t *testing.T) {
	sb := testDatabase(t, "holes", "CREATE TABLE t(x int)")
	s := testServer()
	s.Tools = fakeTools(t, "18.3")
	p, err := s.Preflight(t.Context(), sb)
	if err != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "CVE-2026-6477") {
		t.Errorf("%q %v", p.Warnings, err)
	}
}

// TestToolFolders looks into folders as packages of several systems make them.
func TestToolFolders(t *testing.T) {
	profile := t.TempDir()
	t.Setenv("HOME", profile)
	t.Setenv("ProgramFiles", profile)
	want := []string{".nix-profile/bin", ".local/state/nix/profile/bin", "PostgreSQL/17/bin"}
	for _, folder := range want {
		mustMkdir(t, profile+"/"+folder)
	}
	got := serverFolders()
	for _, folder := range want {
		if !slices.Contains(got, profile+"/"+folder) {
			t.Errorf("%s is not looked into", folder)
		}
	}
}
