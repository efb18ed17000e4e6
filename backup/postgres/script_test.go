package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"holdfast/backup"

	"github.com/google/go-cmp/cmp"
)

// takeApart gives the statements of a script, each COPY with its rows behind it.
func takeApart(text string) (all []string, err error) {
	s := newScript(strings.NewReader(text))
	for {
		st, err := s.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		one := fmt.Sprintf("%d: %s", st.line, st.text)
		if st.copiesIn() {
			data, err := io.ReadAll(s.rows())
			if err != nil {
				return all, err
			}
			one += fmt.Sprintf(" <%s>", data)
		}
		all = append(all, one)
	}
}

func TestScript(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", " \n\t;;\n", nil},
		{"two", "SELECT 1;\nSELECT\n2;", []string{"1: SELECT 1", "2: SELECT\n2"}},
		{"strings", `SELECT ';''\', E'\';', "a;""b", 'x' ;`, []string{`1: SELECT ';''\', E'\';', "a;""b", 'x' `}},
		{"dollars", "SELECT $$;$x$$, $a$;$$;$b$a$a$, a$b$c, $1;", []string{"1: SELECT $$;$x$$, $a$;$$;$b$a$a$, a$b$c, $1"}},
		{"no letter before a quote", "SELECT name'x\\', e2'\\';", []string{"1: SELECT name'x\\', e2'\\'"}},
		{"comments", "-- a ; '\n/* ; /* ' */ \" */SELECT/**/1--;\n;", []string{"2: SELECT 1\n"}},
		{"minus and slash", "SELECT 1 - -1 / 2;", []string{"1: SELECT 1 - -1 / 2"}},
		{"a rule", "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; SELECT 1);\nSELECT 2;", []string{"1: CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; SELECT 1)", "2: SELECT 2"}},
		{
			"a body that is no string", "CREATE OR REPLACE FUNCTION begin() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\nSELECT 3;",
			[]string{"1: CREATE OR REPLACE FUNCTION begin() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "2: SELECT 3"},
		},
		{"a transaction", "BEGIN;\nCOMMIT;", []string{"1: BEGIN", "2: COMMIT"}},
		{"rows", "COPY public.t (a) FROM stdin;\n1;'\n\\\\.\n\\.\n\nSELECT 1;", []string{"1: COPY public.t (a) FROM stdin <1;'\n\\\\.\n>", "6: SELECT 1"}},
		{"no rows", "COPY t FROM stdin; \n\\.\n", []string{"1: COPY t FROM stdin <>"}},
		{"rows of Windows", "COPY t FROM STDIN;\r\n1\r\n\\.\r\nSELECT 1;\r\n", []string{"1: COPY t FROM STDIN <1\r\n>", "4: SELECT 1"}},
		{"the last line has no end", "COPY t FROM STDIN;\n1\n\\.", []string{"1: COPY t FROM STDIN <1\n>"}},
		{"a table called stdin", "COPY \"from stdin\" TO stdout;", []string{"1: COPY \"from stdin\" TO stdout"}},
		{"the guard", "\\restrict aB3\n\nSELECT 1;\n\n\\unrestrict aB3\n", []string{"3: SELECT 1"}},
		{"bytes of another encoding", "SELECT '\xe4\xff' AS \xe4$a$;", []string{"1: SELECT '\xe4\xff' AS \xe4$a$"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := takeApart(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Rows come whole, whatever the size of the pieces in which they are asked for.
func TestScriptRowsInPieces(t *testing.T) {
	long := strings.Repeat("x", 700_000) + "\n" + strings.Repeat("row\t\\N\n", 90_000)
	s := newScript(strings.NewReader("COPY t FROM stdin;\n" + long + "\\.\nSELECT 1;"))
	if _, err := s.next(); err != nil {
		t.Fatal(err)
	}
	tail := s.tail
	var got bytes.Buffer
	for piece := make([]byte, 777); ; {
		n, err := s.rows().Read(piece)
		got.Write(piece[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got.String() != long || tail.count != 90_001 {
		t.Errorf("%d bytes and %d rows of %d and 90001", got.Len(), tail.count, len(long))
	}
	if st, err := s.next(); err != nil || string(st.text) != "SELECT 1" || st.line != 90_004 {
		t.Errorf("%q in line %d, %v", st.text, st.line, err)
	}
}

func TestScriptRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		kind backup.Kind
		want string
	}{
		{"SELECT 1;\n\\! touch /tmp/x\n", backup.Usage, `line 2 has a command of psql's own, which is never run: \!`},
		{"SELECT 1 \\gexec\n", backup.Usage, `line 1 has a command of psql's own`},
		{"\n\\connect other\n", backup.Usage, "line 2 changes to another database"},
		{"\\c other\n", backup.Usage, "line 1 changes to another database"},
		{"\\restrict a; \\! x\n", backup.Usage, "line 1"},
		{"\\restrict\n", backup.Usage, "line 1"},
		{"SELECT 1 \\restrict abc\n", backup.Usage, "line 1"},
		{"COPY t FROM stdin;\n1\n\\.x\n", backup.Usage, "line 3"},
		{"COPY t FROM stdin; SELECT 1;\n", backup.Usage, "line 1"},
		{"COPY t FROM stdin;\n1\n2\n", backup.Damaged, "the COPY in line 1 have no end"},
		{"COPY t FROM stdin;", backup.Damaged, "the COPY in line 1 are missing"},
		{"SELECT 1;\nSELECT 2", backup.Damaged, "begins in line 2 has no end"},
		{"\nSELECT 'a;", backup.Damaged, "begins in line 2 has no end"},
		{"SELECT $a$;", backup.Damaged, "begins in line 1 has no end"},
		{"/* ;", backup.Damaged, "begins in line 1 has no end"},
		{"SELECT\x00;", backup.Usage, "no text"},
	} {
		_, err := takeApart(c.text)
		if backup.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func TestScriptJudges(t *testing.T) {
	for text, want := range map[string]string{
		"CREATE DATABASE x": "changes the server", "drop database if exists x": "changes the server", "ALTER ROLE r SUPERUSER": "changes the server",
		"CREATE USER u": "changes the server", "CREATE USER MAPPING FOR u SERVER s": "", "ALTER SYSTEM SET a = 1": "changes the server", "CREATE TABLESPACE t LOCATION '/x'": "changes the server",
		"CREATE TABLE database ()": "", "ALTER TABLE \"role\" ADD a int": "", `CREATE TYPE "database" AS (a int)`: "",
		"COPY t FROM '/etc/passwd'": "something else", "COPY t FROM PROGRAM 'x'": "something else", "COPY (SELECT 1) TO STDOUT": "something else", `COPY "from" ("stdin") FROM PROGRAM 'x'`: "something else",
		"SET standard_conforming_strings = off": "how strings are written", "SET standard_conforming_strings = on": "", "SET standard_conforming_strings = 'on'": "",
		"SET client_encoding = 'SJIS'": "not read", "SET client_encoding = 'UTF8'": "", "SET client_encoding TO \"Gb-18030\"": "not read",
	} {
		s := newScript(strings.NewReader(text + ";\n\\.\n"))
		st, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		err = st.judge()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestScriptWords(t *testing.T) {
	for _, c := range []struct{ text, owner, grantees string }{
		{"ALTER TABLE public.owner OWNER TO clerk", "clerk", ""},
		{"ALTER FUNCTION f(a integer, b text) OWNER TO \"the \"\"reader\"\"\"", `the "reader"`, ""},
		{"ALTER TABLE t RENAME TO owner", "", ""},
		{"SET SESSION AUTHORIZATION 'clerk'", "clerk", ""},
		{"SET SESSION AUTHORIZATION DEFAULT", "", ""},
		{"GRANT SELECT ON TABLE t TO clerk WITH GRANT OPTION", "", "clerk"},
		{"REVOKE ALL ON SCHEMA public FROM PUBLIC", "", ""},
		{`REVOKE ALL ON TABLE "to" FROM "Public"`, "", "Public"},
		{"ALTER DEFAULT PRIVILEGES FOR ROLE boss IN SCHEMA s GRANT SELECT ON TABLES TO clerk", "", "boss clerk"},
	} {
		st, err := newScript(strings.NewReader(c.text + ";")).next()
		if err != nil {
			t.Fatal(err)
		}
		owner, _ := st.owner()
		if grantees := strings.Join(st.grantees(), " "); owner != c.owner || grantees != c.grantees {
			t.Errorf("%s: owner %q, grantees %q", c.text, owner, grantees)
		}
	}
}

// FuzzScript: whatever the input, it ends, and nothing of psql's own gets through.
func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"COPY t FROM stdin;\n1\n\\.\nSELECT 1;", "SELECT $a$;$a$, E'\\'', \"x\"\"\";", "/* /* */ */ SELECT 1; -- x\n\\restrict a\n",
		"CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END;", "\\! x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newScript(strings.NewReader(text))
		for line := 0; ; {
			st, err := s.next()
			if err != nil {
				if !errors.Is(err, io.EOF) && backup.KindOf(err) != backup.Damaged && backup.KindOf(err) != backup.Usage {
					t.Fatalf("a foreign error: %v", err)
				}
				return
			}
			if st.line < line || len(st.text) == 0 || len(st.text) > len(text) {
				t.Fatalf("%q in line %d after line %d", st.text, st.line, line)
			}
			again, err := newScript(strings.NewReader(string(st.text) + "\n;\n\\.\n")).next()
			if err != nil || strings.TrimSpace(string(again.text)) != strings.TrimSpace(string(st.text)) {
				t.Fatalf("%q is read again as %q, %v", st.text, again.text, err)
			}
			line = st.line
		}
	})
}
