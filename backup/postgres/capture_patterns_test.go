package postgres

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// matches says whether the marks stand for a name, as the server would.
func (m *marks) matches(name string) bool {
	return slices.ContainsFunc(m.texts, func(text string) bool {
		return m.atEnd && strings.HasSuffix(name, text) || !m.atEnd && strings.HasPrefix(name, text)
	})
}

// TestMarksTellTablesFromOthers draws names of few characters, so that many are alike.
func TestMarksTellTablesFromOthers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab_é\n\"")
	for round := range 3000 {
		names := map[string]bool{}
		for range 1 + random.IntN(40) {
			name := []rune{}
			for range 1 + random.IntN(5) {
				name = append(name, alphabet[random.IntN(len(alphabet))])
			}
			names[string(name)] = true
		}
		var tables []*table
		var keep []string
		for name := range names {
			if random.IntN(3) == 0 {
				keep = append(keep, name)
			} else {
				tables = append(tables, &table{Name: name})
			}
		}
		for _, m := range []*marks{{atEnd: true}, {}, distinguish(tables, keep)} {
			if len(m.texts)+len(m.whole) == 0 {
				m.find(tables, keep, 0)
			}
			for _, table := range tables {
				if m.matches(table.Name) == slices.Contains(m.whole, table) {
					t.Errorf("round %d: %q: once wanted in %+v", round, table.Name, m)
				}
			}
			for _, name := range keep {
				if m.matches(name) {
					t.Errorf("round %d: %q must stay; %+v", round, name, m)
				}
			}
		}
	}
}

// TestFewPatterns has the names that people give.
func TestFewPatterns(t *testing.T) {
	for _, c := range []struct {
		what, table, keep string
		most              int
	}{
		{"serial keys", "table_%d", "table_%d_id_seq", 1},
		{"sequences by prefix", "item_%d", "seq_item_%d", 1},
		{"views by prefix", "sales_%d", "mv_sales_%d", 1},
		{"no sequences", "sales_%d", "", 1},
		{"nothing in common", strings.Repeat("p", 25) + "t%05d" + strings.Repeat("p", 25), strings.Repeat("p", 25) + "s%05d" + strings.Repeat("p", 25), 2000},
	} {
		var tables []*table
		var keep []string
		for i := range 2000 {
			tables = append(tables, &table{Schema: "s", Name: fmt.Sprintf(c.table, i)})
			if c.keep != "" {
				keep = append(keep, fmt.Sprintf(c.keep, i))
			}
		}
		if args := tablePatterns(tables, map[string][]string{"s": keep}); len(args) > c.most {
			t.Errorf("%s: %d patterns, such as %.200q", c.what, len(args), args)
		}
	}
}

// TestTablePatterns names each table once, and never more than the system takes as arguments.
func TestTablePatterns(t *testing.T) {
	var tables []*table
	keep := map[string][]string{}
	for i := range 40000 {
		table := &table{Schema: fmt.Sprintf("schema_%d", i/15000), Name: fmt.Sprintf("table_with_a_name_%05d", i)}
		tables = append(tables, table)
		keep[table.Schema] = append(keep[table.Schema], "x_"+table.Name, table.Name+"_x")
	}
	total, names := 0, 0
	for _, arg := range tablePatterns(tables, keep) {
		total += len(arg) + pointerBytes
		names += strings.Count(arg, `"table`)
		if len(arg) > argumentBytes+100 {
			t.Errorf("%d bytes: %.80s", len(arg), arg)
		}
	}
	if names != len(tables) || total > argumentsBytes*2-argumentsBytes/4 {
		t.Errorf("%d names in %d bytes", names, total)
	}
}

// dumpedWithout runs pg_dump with patterns and gives what it wrote, which holds no rows.
func dumpedWithout(t *testing.T, sb backup.Sandbox, patterns []string) *pgarchive.Archive {
	t.Helper()
	s := testServer()
	tools, err := s.tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	kid := s.child(t.Context(), sb, sb.Connection.Database, tools.Dump, append(slices.Clone(patterns), "-Fc", "-Z0"))
	kid.stdout = &out
	if err := kid.run(); err != nil {
		t.Fatal(err)
	}
	archive, err := pgarchive.Split(&out, io.Discard, &joiner{to: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// TestPatternsOfHostileNames hands pg_dump names, in every form of patterns, that break what is
// not quoted with care: no rows of a table, every sequence and every view.
func TestPatternsOfHostileNames(t *testing.T) {
	t.Parallel()
	var sql []string
	kept := 0
	for _, name := range hostileNames() {
		sql = append(sql, "CREATE TABLE "+quoteIdent(name)+" AS SELECT 1 AS x")
		if len(name) < 60 {
			sql = append(sql, "CREATE SEQUENCE "+quoteIdent(name+"-s"), "CREATE MATERIALIZED VIEW "+quoteIdent("m-"+name)+" AS SELECT 1 AS x", "CREATE TABLE "+quoteIdent("t-"+name)+" AS SELECT 1 AS x")
			kept += 2
		}
	}
	sb := testDatabase(t, "hostile", sql...)
	conn, err := testServer().connect(t.Context(), sb, "hostile")
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(conn)
	tables, err := listTables(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	keep, err := keptNames(t.Context(), conn)
	if err != nil || len(keep["public"]) != kept {
		t.Fatal(len(keep["public"]), err)
	}
	ends, starts := &marks{atEnd: true}, &marks{}
	ends.find(tables, keep["public"], 0)
	starts.find(tables, keep["public"], 0)
	for what, patterns := range map[string][]string{
		"ends":   append(ends.patterns("public"), joinedPatterns(ends.whole)...),
		"starts": append(starts.patterns("public"), joinedPatterns(starts.whole)...),
		"whole":  tablePatterns(tables, map[string][]string{"public": append(keep["public"], "")}),
		"joined": joinedPatterns(tables),
		"chosen": tablePatterns(tables, keep),
	} {
		t.Run(what, func(t *testing.T) {
			archive := dumpedWithout(t, sb, patterns)
			states := 0
			for i := range archive.Entries {
				if kind := archive.Entries[i].Desc.S; kind == "SEQUENCE SET" || kind == "MATERIALIZED VIEW DATA" {
					states++
				}
			}
			if states != kept {
				t.Errorf("%d sequences and views have their state, not %d", states, kept)
			}
		})
	}
}
