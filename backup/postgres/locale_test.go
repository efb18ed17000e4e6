package postgres

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"holdfast/backup"
)

// systemLocale is a locale of the machine that is not C; the test is skipped where there is none.
func systemLocale(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "locale", "-a").Output()
	if err == nil {
		for _, name := range strings.Fields(string(out)) {
			if strings.HasSuffix(strings.ToLower(name), ".utf8") {
				return name
			}
		}
	}
	t.Skip("the machine has no locale in UTF-8")
	return ""
}

// locales gives CREATE DATABASE's options for the locales that a version knows.
func locales(t *testing.T, major int) map[string]string {
	t.Helper()
	all := map[string]string{"libc": "LOCALE " + quoteLiteral(systemLocale(t))}
	if major >= 15 {
		all["icu"] = "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' LC_COLLATE 'C' LC_CTYPE " + quoteLiteral(systemLocale(t))
	}
	if major >= 16 {
		all["icu with rules"] = "LOCALE_PROVIDER icu ICU_LOCALE 'und' ICU_RULES '&V << w <<< W' LOCALE 'C'"
	}
	if major >= 17 {
		all["builtin"] = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
	}
	if major >= 18 {
		all["builtin, later"] = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST' LOCALE 'C'"
	}
	return all
}

// localeOf is what the catalog says, whatever the version calls it.
func (b *bench) localeOf(database string) string {
	b.t.Helper()
	m, _ := b.capture(database)
	d := m.Database
	return fmt.Sprintf("%s %s %s %s %s %s", d.Encoding, d.Provider, d.Collate, d.Ctype, d.Locale, d.LocaleRules)
}

func TestLocales(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	for name, options := range locales(t, b.major()) {
		t.Run(name, func(t *testing.T) {
			b := b.with(t)
			defer b.clean()
			b.run("template1", "CREATE DATABASE live TEMPLATE template0 ENCODING 'UTF8' "+options)
			b.run("live", `CREATE TABLE t (w text PRIMARY KEY)`, `INSERT INTO t VALUES ('ä'), ('z'), ('V'), ('w'), ('W')`)
			m, parts := b.capture("live")
			b.restore(m, parts)
			if want, got := b.localeOf("live"), b.localeOf("restored"); want != got {
				t.Errorf("%s, want %s", got, want)
			}
			order := "SELECT string_agg(w, '' ORDER BY w) FROM t"
			if want, got := b.text("live", order), b.text("restored", order); want != got {
				t.Errorf("order %s, want %s", got, want)
			}
		})
	}
}

// TestLocalesAcrossVersions takes locales to newer servers, where columns have other names, and
// to older ones, which say no.
func TestLocalesAcrossVersions(t *testing.T) {
	t.Parallel()
	old, young := startVersion(t, 15), startVersion(t, 18)
	old.run("template1", "CREATE DATABASE live TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' LOCALE 'C'")
	old.run("live", words()...)
	m, parts := old.capture("live")
	if m.Database.LocaleVersion == "" {
		t.Error("the version of the locale's rules was not recorded")
	}
	young.restore(m, parts)
	if got, want := young.localeOf("restored"), old.localeOf("live"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m.Database.LocaleVersion = "0.1"
	var said []string
	job := young.job("shadow")
	job.Warn = func(text string) { said = append(said, text) }
	young.fill(job, m, parts)
	if len(said) != 1 || !strings.Contains(said[0], "version 0.1") {
		t.Errorf("said: %q", said)
	}
	for _, c := range []struct{ provider, locale, word string }{
		{"b", "C.UTF-8", `provider "builtin" with the locale "C.UTF-8", which came with PostgreSQL 17`}, {"c", "", ""},
	} {
		m.Database.Provider, m.Database.Locale = c.provider, c.locale
		err := old.Prepare(t.Context(), old.sb, m)
		if c.word == "" && err != nil {
			t.Error(err)
		} else if c.word != "" {
			wantKind(t, err, backup.Refused, c.word, "newer server")
		}
	}
}

// TestMissingLocale tries locales that are there and locales that are not.
func TestMissingLocale(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	a := b.mustAdmin()
	defer a.close()
	_, num := serverVersion(a.conn)
	cases := []struct {
		d    backup.Database
		want string
	}{
		{backup.Database{Provider: "c", Collate: "C", Ctype: "C"}, ""},
		{backup.Database{Provider: "c", Collate: systemLocale(t), Ctype: "POSIX"}, ""},
		{backup.Database{Provider: "c", Collate: "xx_XX.utf8", Ctype: "C"}, `locale "xx_XX.utf8"`},
		{backup.Database{Provider: "c", Collate: "C", Ctype: "it's"}, `locale "it's"`},
		{backup.Database{Provider: "i", Collate: "C", Ctype: "C", Locale: "de"}, map[bool]string{true: `locale provider "icu"`}[num < 150000]},
		{backup.Database{Provider: "b", Collate: "C", Ctype: "C", Locale: "C"}, map[bool]string{true: `locale provider "builtin"`}[num < 170000]},
		{backup.Database{Provider: "b", Collate: "C", Ctype: "C", Locale: "PG_UNICODE_FAST"}, map[bool]string{true: `locale provider "builtin"`}[num < 170000] + map[bool]string{true: `locale "PG_UNICODE_FAST" of the provider "builtin"`}[num/10000 == 17]},
	}
	for _, c := range cases {
		got, err := missingLocale(t.Context(), a.conn, &backup.Manifest{Database: c.d})
		if err != nil || c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %q, want %q (%v)", c.d, got, c.want, err)
		}
	}
}

// TestLocaleOfAnotherEncoding is known though it does not fit the database that asks.
func TestLocaleOfAnotherEncoding(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", "CREATE DATABASE live TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
	conn := b.open("live")
	defer closeConn(conn)
	d := backup.Database{Provider: "c", Collate: systemLocale(t), Ctype: systemLocale(t)}
	if got, err := missingLocale(t.Context(), conn, &backup.Manifest{Database: d}); err != nil || got != "" {
		t.Errorf("%q %v", got, err)
	}
}

// TestEncodingsRestored has names, values and definitions in each encoding, as its own bytes.
func TestEncodingsRestored(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	for encoding, words := range map[string][3]string{
		"UTF8": {"größe🦊", "日本", "ä"}, "LATIN1": {"größe", "ñandú", "ü"}, "EUC_JP": {"日本", "テーブル", "表"}, "SQL_ASCII": {"größe", "日本", "ä"},
	} {
		t.Run(encoding, func(t *testing.T) {
			b := b.with(t)
			defer b.clean()
			table, column, value := quoteIdent(words[0]), quoteIdent(words[1]), quoteLiteral(words[2])
			b.run("template1", "CREATE DATABASE live TEMPLATE template0 ENCODING '"+encoding+"' LOCALE 'C'")
			b.run("live", "CREATE SCHEMA "+column, "CREATE TYPE "+table+" AS ENUM ("+value+")",
				"CREATE TABLE "+column+"."+table+" (id serial, "+column+" text DEFAULT "+value+" CHECK ("+column+" <> "+value+" || 'x'), e "+table+")",
				"INSERT INTO "+column+"."+table+" ("+column+", e) SELECT "+value+" || i, "+value+" FROM generate_series(1, 50) i",
				"COMMENT ON TABLE "+column+"."+table+" IS "+value, "CREATE INDEX ON "+column+"."+table+" ("+column+")")
			if got := b.text("live", "SELECT octet_length("+value+")"); encoding != "UTF8" && encoding != "SQL_ASCII" && got == fmt.Sprint(len(words[2])) && encoding == "LATIN1" {
				t.Errorf("%s bytes", got)
			}
			m, parts := b.capture("live")
			if m.Tables[0].Name != words[0] || m.Tables[0].Schema != words[1] || m.Tables[0].Rows != 50 {
				t.Errorf("%+v", m.Tables[0])
			}
			b.restore(m, parts)
			same(t, b.dump("live"), b.dump("restored"))
		})
	}
}
