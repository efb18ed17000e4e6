package views_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/plan"
	"holdfast/views"
)

// german is a screen that speaks it.
func german(t *testing.T) *screen {
	t.Helper()
	l := look{"de", "light", large, 1}
	l.begin(t)
	return l.window(t)
}

// TestGateAsksInGerman: what will be done and what will be lost, with its numbers and its date.
func TestGateAsksInGerman(t *testing.T) {
	s := german(t)
	for i, c := range []struct {
		what, loss string
		want       []string
	}{
		{"Replace shop, the database shop at localhost:5432 (1 table, about 1,284,020 rows), with the backup of shop from 14 March 2026 09:00 CET (41 tables, 1 row)",
			"What was written to shop since then is replaced. 3 open sessions are cut. Today's state is saved first, and the replaced database is kept for undo. Code is not rewound. The backup has no rows of public.audit_logs and 2 more: empty tables come back.",
			[]string{"Sandbox shop, Datenbank shop auf localhost:5432 (1 Tabelle, etwa 1.284.020 Zeilen), durch die Sicherung von shop vom 14. März 2026 09:00 CET ersetzen (41 Tabellen, 1 Zeile).",
				"Was seitdem in shop geschrieben wurde, wird ersetzt. 3 offene Sitzungen werden getrennt. Der heutige Stand wird vorher gesichert", "keine Zeilen von public.audit_logs und 2 weitere"}},
		{"Replace the rows of public.orders (301,044 rows, now about 12), public.x (1 rows; it is not there now and is made again) in shop, the database shop in container pg (docker), with those of the backup of shop from 1 June 2026 09:00 UTC", "",
			[]string{"In shop, der Datenbank shop im Container pg (docker), die Zeilen von public.orders (301.044 Zeilen, jetzt etwa 12), public.x (1 Zeile; sie fehlt jetzt und wird neu angelegt) durch"}},
		{"Replace the folder /srv/a (1 file, 3 MiB) and /srv/b (2,000 files, 1.5 GiB), from the backup of shop from 1 June 2026 09:00 UTC", "The folder that is there is saved first, and kept under another name for undo. Programs that have files open in it go on with the old ones until they are restarted.",
			[]string{"Den Ordner /srv/a (1 Datei, 3 MiB) und /srv/b (2.000 Dateien, 1,5 GiB) durch"}},
		{"Delete all 2 backups of shop, 1 of them pinned", "No state of this sandbox can be brought back afterwards.", []string{"Alle 2 Sicherungen von shop löschen, 1 davon angeheftet.", "Danach lässt sich kein Stand"}},
		{"Delete the only backup of shop", "", []string{"Die einzige Sicherung von shop löschen."}},
		{"Delete the backup of shop taken 2026-06-14 22:00 UTC", "", []string{"Die Sicherung von shop vom 14. Juni 2026 22:00 UTC löschen."}},
		{"Replace shop, the database shop at localhost:5432 (3 tables, about 1,200 rows), with the file shop.dump (2 tables with 1,901 rows: public.a, public.b and 7 more; made from the database shop of PostgreSQL 17.5 at 2026-06-14 22:00:07 UTC by pg_dump 17.5; custom format)",
			"What is in shop now is replaced. No session is open. Today's state is saved first, and the replaced database is kept for undo. Code is not rewound. " + backup.Untrusted,
			[]string{"Sandbox shop, Datenbank shop auf localhost:5432 (3 Tabellen, etwa 1.200 Zeilen), durch die Datei shop.dump ersetzen (2 Tabellen mit 1.901 Zeilen: public.a, public.b und 7 weitere; aus der Datenbank shop, von PostgreSQL 17.5, entstanden 2026-06-14 22:00:07 UTC, mit pg_dump 17.5; Format custom).",
				"Was jetzt in shop ist, wird ersetzt. Keine Sitzung ist offen.", "Dieser Datei ist nicht zu trauen", "mit Ihren Rechten."}},
		{"Restore the file shop.sql (2 tables; plain format); the database shop at localhost:5432 does not exist now", "", []string{"Die Datei shop.sql (2 Tabellen; Format plain) wiederherstellen; die Datenbank shop auf localhost:5432 gibt es jetzt nicht."}},
		{"Empty 2 tables of shop, the database shop at localhost:5432, and fill them with the rows of the file shop.json (2 tables with 1,901 rows; JSON snapshot format): public.customers (700 rows, now about 1,284), public.orders (1 row, now about 0)",
			"What is in these tables now is replaced, in one transaction, all or nothing. Left alone: public.logs (about 9,000 rows), public.b (about 1 row). 1 sequence is set. Definitions, large objects and code stay as they are; triggers of the tables do not fire. Today's state is saved first: that is what undoes it. " + backup.UntrustedRows,
			[]string{"In shop, der Datenbank shop auf localhost:5432, 2 Tabellen leeren und mit den Zeilen der Datei shop.json (2 Tabellen mit 1.901 Zeilen; Format JSON snapshot) füllen: public.customers (700 Zeilen, jetzt etwa 1.284), public.orders (1 Zeile, jetzt etwa 0).",
				"Unberührt bleiben: public.logs (etwa 9.000 Zeilen), public.b (etwa 1 Zeile). 1 Sequenz wird gesetzt. Definitionen,", "Ihre Zeilen werden zu den Daten der Sandbox."}},
		{"Copy the whole vault, encrypted, to s3://s3.example.org/backups, now and after each run; what is sent is locked for 30 days, and nobody can delete it before", "",
			[]string{"Den ganzen Tresor verschlüsselt nach s3://s3.example.org/backups kopieren, jetzt und nach jedem Lauf; was gesendet wird, ist 30 Tage lang gesperrt, und niemand kann es vorher löschen."}},
		{"Put the database shop_before_1 and the folder /srv/a.before, which the restore 12ab replaced, back into the place of shop, /srv/a", "What is live now (3 tables, about 9 rows) is kept under another name. 1 open session is cut.",
			[]string{"Wieder an die Stelle von shop, /srv/a setzen, was die Wiederherstellung 12ab ersetzt hat: die Datenbank shop_before_1 und den Ordner /srv/a.before.", "(3 Tabellen, etwa 9 Zeilen)"}},
		{"From now on write backups of shop into /out as dump, after each scheduled backup, and keep the 7 newest files, unasked", "What is written is not encrypted: whoever can read it has all the data.",
			[]string{"Von nun an ungefragt Sicherungen von shop als dump nach /out schreiben, nach jeder geplanten Sicherung, und die 7 neuesten Dateien behalten."}},
		{"Change the gate for shop: backups.delete is allow from now on (ask so far)", "", []string{"backups.delete ist von nun an"}},
		{"remove sandbox shop", "", []string{"Sandbox shop entfernen."}},
		{"Something quite new", "Nobody knows it.", []string{"Something quite new.", "Nobody knows it."}},
	} {
		s.shell.Ask(&views.Question{Prompt: backup.Prompt{Request: backup.Request{What: c.what, Loss: c.loss, Who: strconv.Itoa(i)}, Until: now}, Verb: "Los"})
		s.sees(c.want...)
		s.shell.Ask(nil)
	}
}

// TestFaultsInGerman: what people meet most, with their remedies; what is not known stays as it is.
func TestFaultsInGerman(t *testing.T) {
	s := german(t)
	for _, c := range []struct{ text, hint, want, remedy string }{
		{"back up shop: cannot reach PostgreSQL at localhost:5432: nothing listens there", "Start PostgreSQL, or correct host and port.",
			"Sicherung von shop: PostgreSQL auf localhost:5432 ist nicht erreichbar: dort nimmt nichts Verbindungen an", "Starten Sie PostgreSQL, oder berichtigen Sie Server und Port."},
		{`PostgreSQL at localhost:5432 does not accept the password of role "app"`, "", `PostgreSQL auf localhost:5432 nimmt das Passwort der Rolle "app" nicht an`, ""},
		{"back up shop: the vault's disk has 12 MiB left; this backup may need 1.5 GiB", "Free some space, delete old backups, or move the vault to a larger disk.", "noch 12 MiB frei; diese Sicherung braucht vielleicht 1,5 GiB", "Schaffen Sie Platz"},
		{"another run uses the vault: backup of process 12 on desk", "Try again later, or wait for it with --wait.", "Ein anderer Lauf benutzt den Tresor: backup of process 12 on desk", "später"},
		{"pg_dump and pg_restore were not found; the server is PostgreSQL 17", "", "wurden nicht gefunden; der Server ist PostgreSQL 17", ""},
		{"the keyring is locked, so the vault key cannot be had", "Unlock the keyring, then try again. Or: Give the recovery key: put it into a file (mode 0600) and set HOLDFAST_KEY_FILE to it, or run: holdfast vault open", "Der Schlüsselbund ist gesperrt", "noch einmal. Oder geben Sie den Wiederherstellungsschlüssel vom Wiederherstellungsblatt ein"},
		{"restore shop: denied by policy (db_full)", "Change the policy of the sandbox if this should be possible: holdfast gate policy shop", "durch die Regeln verboten (db_full)", "Ändern Sie das unter „Rechte“, wenn dies möglich sein soll"},
		{"restore shop: the backup 00aa cannot be restored: it is broken: the vault does not hold it any more", "See: holdfast backup list", "die Sicherung 00aa lässt sich nicht wiederherstellen: Status: beschädigt: der Tresor enthält sie nicht mehr", "Wählen Sie eine aus der Liste der Sicherungen"},
		{"restore shop: the backup refers to roles that the server does not have: a, b; and to tablespaces that the server does not have: c", "Have them made, without password and login (--create-roles), or give what is theirs to app (--map-roles).",
			"auf Rollen, die der Server nicht hat: a, b; und auf Tablespaces, die der Server nicht hat: c", "oder geben Sie, was ihnen gehört, app."},
		{"change what shop keeps: \"x 3\" is no retention rule: it must be numbers, each with a word behind it", "Write it like \"7 daily\", \"30 days\" or \"all\".", "ist keine Regel: Es müssen Zahlen sein", "Schreiben Sie zum Beispiel \"7 daily\", \"30 days\" oder \"all\"."},
		{"the folder /srv/a cannot be stored: permission denied", "Is it there, and yours to read? Else change the sandbox: holdfast sandbox edit NAME --media DIR", "Der Ordner /srv/a lässt sich nicht ablegen: keine Berechtigung", "dürfen Sie sie lesen? Sonst ändern Sie die Ordner unter „Dateien“"},
		{"restore shop: a thing that nobody foresaw", "", "Wiederherstellung von shop: a thing that nobody foresaw", ""},
	} {
		st := state()
		st.Sandboxes[0].Problem = &backup.Fault{Text: c.text, Hint: c.hint}
		s.shell.Refresh(st)
		s.shell.Open("shop")
		s.sees(c.want)
		if c.remedy != "" {
			s.sees(c.remedy)
		}
	}
	st := state()
	st.Sandboxes[0].Backups[0].VerdictReason = "restored into a scratch database, read back and equal; every byte of the folders was read and verified"
	st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[0]
	s.shell.Refresh(st)
	s.sees("in einer Hilfsdatenbank wiederhergestellt, zurückgelesen und gleich; jedes Byte der Ordner")
}

// TestSchedulesInGerman runs the engine's own words through the window.
func TestSchedulesInGerman(t *testing.T) {
	s := german(t)
	st := state()
	st.Sandboxes[0].Schedule = &views.Schedule{Text: "cron 0 2 * * *"}
	s.shell.Refresh(st)
	s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionSchedule})
	english := regexp.MustCompile(`(?i)\b(every|of|the|at|and|or|on|to|only|month|hours?|midnight|day|time|(mon|tues|wednes|thurs|fri|satur|sun)day|march|june)\b`)
	for cron, want := range map[string]string{
		"0 2 * * *": "Jeden Tag um 02:00 Uhr", "0 2 * * 1-5": "Jeden Montag bis Freitag um 02:00 Uhr", "30 6,18 1,15 * *": "Am 1. und 15. jedes Monats um 06:30 und 18:30 Uhr",
		"0 * * * *": "Jede Stunde", "0 */6 * * 0": "Alle 6 Stunden um 00:00, 06:00, 12:00 und 18:00 Uhr, jeden Sonntag", "0 */2 * * *": "Alle 2 Stunden ab Mitternacht", "*/15 * * * *": "Alle 15 Minuten", "* 9-17 * * *": "Jede Minute der Stunden 9 bis 17",
		"5 * * * *": "Zur Minute 5 jeder Stunde", "5,20 9-17 * * 1": "Zu den Minuten 5 und 20 der Stunden 9 bis 17, jeden Montag",
		"0 2 * 3,6 *": "Jeden Tag im März und Juni um 02:00 Uhr", "0 2 13 * 5": "",
	} {
		schedule, err := plan.Parse("cron " + cron)
		if err != nil {
			t.Fatal(err)
		}
		st.Sandboxes[0].Schedule.Text = "cron " + cron
		st.Sandboxes[0].Schedule.Draft = &views.Draft{Text: "cron " + cron, Words: schedule.Words()}
		s.shell.Refresh(st)
		s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionSchedule})
		s.shell.Refresh(st)
		s.sees(want)
		if said := views.PlanWords(schedule.Words()); english.MatchString(said) {
			t.Errorf("%s: %q", cron, said)
		}
	}
}

// TestPhrasesAreTheEngines: each is still said by the engine, or a part of what it says.
func TestPhrasesAreTheEngines(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z]`) // of fmt
	var source strings.Builder
	for _, room := range []string{"../backup", "../app/engine", "../app/secret", "../app/config", "../app/sample", "../app/controller", "../platform"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					text, err := strconv.Unquote(l.Value)
					if err == nil {
						source.WriteString(strings.ReplaceAll(verb.ReplaceAllString(text, ""), "%%", "%") + "\n")
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	engines := source.String()
	says := func(part string) bool { return strings.Contains(engines, part) }
	for _, p := range views.EnginePhrases() {
		for _, part := range regexp.MustCompile(`\{\{\.\w+\}\}`).Split(p, -1) {
			if part = strings.Trim(part, ` ;:,()`); len(part) > 3 && !says(part) && !inTwo(part, says) {
				t.Errorf("%q: the engine says %q nowhere", p, part)
			}
		}
	}
}

// inTwo says whether a text is put together from two that hold.
func inTwo(text string, holds func(string) bool) bool {
	for i, r := range text {
		if r == ' ' && holds(text[:i]) && holds(text[i+1:]) {
			return true
		}
	}
	return false
}
