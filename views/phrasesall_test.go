package views_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/views"
)

// mayBeNew is how many texts of the engine may still wait for their German.
const mayBeNew = 10

// noWindowSays are texts of the engine that no window can show, by a part of each.
var noWindowSays = []string{
	"token", "--", "HOLDFAST_TOKEN_FILE", "terminal", "standard output", // commands alone
	"latest", "names no sandbox", "beginning of several", "more of its digits", "more of it.", "reminders begin with", "its whole path", "cannot be found", "schema too", "has 7 tables",
	`no "NAME" to`, "media or both", "format \"NAME\"", "container engine", "docker or podman", "s3, sftp", "kind of place", "all tables are in", "only JSON snapshots leave", "Give 0 or more", "cannot be negative", "is about that", "Leave one of them out", // a form has choices
	"this restore is", "never allowed", "a vault needs a key", "must be given", "no name for a part", "by the vault itself", "no different", "cannot be downloaded: it is", // what a window does not ask for
	"imported", "copy NAME over it", "outside", "still looks as if", "sentinel acknowledge", "was moved", // of a log, or of standard error
	"Give NAME.", "NAME is missing", "Or: NAME", "again: NAME", "the backup is NAME", "NAME. NAME", "refers to NAME", "own.The", "one run:NAME", // others are put in
	"anywhere else", "holds NAME", "proved nothing", "more than a month", "is overdue", "A person does that", "chmod 600", // reminders, which the window words itself
}

// TestEngineSpeaksGerman reads the source of the engine: what it warns of, and the faults and their
// remedies that a window can show, have German.
func TestEngineSpeaksGerman(t *testing.T) {
	german(t)
	all := saidByEngine(t)
	if len(all) < 500 {
		t.Fatalf("only %d texts were found", len(all))
	}
	var missing []string
	for _, text := range all {
		if !slices.ContainsFunc(noWindowSays, func(part string) bool { return strings.Contains(text, part) }) && !hasGerman(text) {
			missing = append(missing, text)
		}
	}
	for _, text := range missing {
		t.Logf("stays English: %q", text)
	}
	if len(missing) > mayBeNew {
		t.Errorf("%d texts of the engine stay English, at most %d may: add them to a list of phrases and to the translations", len(missing), mayBeNew)
	}
}

// hasGerman says whether a text is translated with something that fits in the places of what differs.
func hasGerman(text string) bool {
	for _, data := range []string{"NAME", "1 KiB", "completed", "pg_dump", "docker", "sandbox", "before", " in /srv"} {
		filled := strings.ReplaceAll(text, "NAME", data)
		said := views.Translated(filled)
		for _, quoted := range regexp.MustCompile(`"[^"]*"`).FindAllString(said, -1) {
			said = strings.ReplaceAll(said, quoted, "")
		}
		if _, typed, ok := strings.Cut(filled, ": "); ok { // a command
			said = strings.TrimSuffix(said, typed)
		}
		left := english.FindString(command.ReplaceAllString(strings.NewReplacer(data, "", "Start", "").Replace(said), ""))
		if said != filled && left == "" {
			return true
		}
	}
	return false
}

// saidByEngine are the texts, hints and warnings in its source, with NAME for what is put in.
func saidByEngine(t *testing.T) (all []string) {
	t.Helper()
	known := constants(t)
	eachGoFile(t, func(file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range saidHere(n) {
				text := strings.ReplaceAll(strings.ReplaceAll(literal(e, known), "%%", "%"), "%d", "7")
				text = verbs.ReplaceAllString(regexp.MustCompile(`%[+#]?q`).ReplaceAllString(text, `"NAME"`), "NAME")
				if text = strings.TrimPrefix(text, "NAME: "); strings.Contains(text, " ") && !slices.Contains(all, text) {
					all = append(all, text)
				}
			}
			return true
		})
	})
	return all
}

// saidHere are the texts of a fault or a warning that is made at a node.
func saidHere(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			if f.Sel.Name == "Errorf" && len(n.Args) >= 3 {
				return n.Args[1:3]
			}
			if f.Sel.Name == "warn" {
				return n.Args
			}
		case *ast.Ident:
			if f.Name == "fileError" {
				return n.Args[1:3]
			}
		}
	case *ast.KeyValueExpr:
		if k, ok := n.Key.(*ast.Ident); ok && (k.Name == "Hint" || k.Name == "Text") {
			return []ast.Expr{n.Value}
		}
	}
	return nil
}

// TestAuditWarnsInGerman: what could not be checked in the audit log is said as whole sentences.
func TestAuditWarnsInGerman(t *testing.T) {
	s := german(t)
	st := full()
	st.Activity = &views.Activity{Warnings: []string{
		"in 2 places the log goes on without the vault key's seal; entries there are only as good as the next sealed one",
		"the vault key is not at hand, so the log's seal was not checked",
		"the vault does not answer, so the log was not compared with its backups",
	}}
	s.shell.Refresh(st)
	s.shell.Visit(views.Place{Section: views.SectionAudit})
	s.shell.Refresh(st)
	s.sees("An 2 Stellen geht das Protokoll ohne das Siegel des Tresorschlüssels weiter; Einträge dort sind nur so viel wert wie der nächste versiegelte. Der Schlüssel des Tresors ist nicht zur Hand, deshalb wurde das Siegel des Protokolls nicht geprüft. Der Tresor antwortet nicht, deshalb wurde das Protokoll nicht mit seinen Sicherungen verglichen.")
}

// TestLongerTextsAreFoundFirst: a text of a fault is not taken for the shorter one that it begins with.
func TestLongerTextsAreFoundFirst(t *testing.T) {
	german(t)
	for said, want := range map[string]string{
		`restore shop: the database "a_shadow" is being filled by another process`:                                          `Wiederherstellung von shop: die Datenbank "a_shadow" füllt gerade ein anderer Prozess`,
		"restore shop: the database is as it was before; cannot reach PostgreSQL at localhost:5432: nothing listens there.": "Wiederherstellung von shop: die Datenbank ist, wie sie war; PostgreSQL auf localhost:5432 ist nicht erreichbar: dort nimmt nichts Verbindungen an.",
		"the name of the database has 70 bytes; PostgreSQL keeps at most 63":                                                "der Name (Datenbank) hat 70 Bytes; PostgreSQL behält höchstens 63",
		"the table public.a has 1284020 rows, the backup says 1284021":                                                      "die Tabelle public.a hat 1.284.020 Zeilen, laut Sicherung 1.284.021",
		"Look at the file with pg_restore --list, or restore it by hand into a database of its own.":                        "Sehen Sie sich die Datei mit pg_restore --list an, oder stellen Sie sie von Hand in einer eigenen Datenbank wieder her.",
		"back up shop: the command to run before the backup failed: exit status 3":                                          "Sicherung von shop: der Befehl vor der Sicherung ist gescheitert: exit status 3",
		`damaged backups: 2; the first is 12ab: a row of the backup has not as many values as its table has columns`:        "beschädigte Sicherungen: 2; die erste ist 12ab: eine Zeile der Sicherung hat nicht so viele Werte wie ihre Tabelle Spalten",
		"the folder /srv/a could not be removed: permission denied":                                                         "der Ordner /srv/a ließ sich nicht entfernen: keine Berechtigung",
	} {
		if got := views.Translated(said); got != want {
			t.Errorf("%q is shown as %q, not %q", said, got, want)
		}
	}
}
