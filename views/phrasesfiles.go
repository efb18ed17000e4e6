package views

import (
	"regexp"
	"strings"

	"fyne.io/fyne/v2/lang"
)

// filePhrases are what the gate asks for where a file is restored.
var filePhrases = []phrase{
	"the folder {{.Path}} was not searched to its end",
	"the folder {{.Path}} cannot be read",
	"Open it: {{.Command}}",
	"Open it with KeePass, KeePassXC or another program for .kdbx files",
	"Import it: Bitwarden, Tools, Import data, format Bitwarden (json)",
	"Import it: 1Password, Import, Other, and choose this CSV file",
	"Replace {{.Name}}, the database {{.Database}} ({{.Held}}), with the file {{.File}} ({{.Inside}})",
	"Restore the file {{.File}} ({{.Inside}}); the database {{.Database}} does not exist now",
	"Empty {{.Held}} of {{.Name}}, the database {{.Database}}, and fill them with the rows of the file {{.File}} ({{.Inside}}): {{.Tables}}",
	"What is in {{.Name}} now is replaced",
	"No other table is there",
	"Left alone: {{.Tables}}",
	"{{.Table}} (about {{.N}} rows)",
	"1 sequence is set",
	"{{.N}} sequences are set",
	"Definitions, large objects and code stay as they are; triggers of the tables do not fire",
	"Today's state is saved first: that is what undoes it",
	"This file is untrusted: nothing proves that it came from this vault",
	"Its functions and triggers run with your rights on the server",
	"Its rows become the data of the sandbox",
	"Subscriptions are left out",
	"Rows of {{.Tables}} refer to {{.Table}}: that they still can is checked before anything counts",
	"The column {{.Column}} of {{.Table}} is newer than the backup and gets its default",
	"The materialized view {{.View}}, made from {{.Table}}, is refreshed",
}

// madeOf are the facts of a file about what it was made from.
var madeOf = regexp.MustCompile(`^made(?: from the database (.+?))?(?: of PostgreSQL (\S+))?(?: at (.+?))?(?: by pg_dump (\S+))?$`)

// insideFile translates what is in a file: "2 tables with 12 rows: a, b; made by pg_dump 17.5; custom format".
func insideFile(value string) string {
	parts := strings.Split(value, "; ")
	for i, part := range parts {
		switch format, ends := strings.CutSuffix(part, " format"); {
		case ends:
			parts[i] = lang.L("format {{.Format}}", values{"Format": format})
		case strings.HasPrefix(part, "made "):
			parts[i] = madeWords(madeOf.FindStringSubmatch(part), part)
		default:
			parts[i] = heldInFile(part)
		}
	}
	return strings.Join(parts, "; ")
}

// heldInFile translates "2 tables with 12 rows: a, b".
func heldInFile(part string) string {
	held, names, named := strings.Cut(part, ": ")
	if tables, rows, ok := strings.Cut(held, " with "); ok {
		held = lang.L("{{.Held}} with {{.Holds}}", values{"Held": spoken(tables), "Holds": spoken(rows)})
	} else {
		held = spoken(held)
	}
	if !named {
		return held
	}
	return held + ": " + andMore(names)
}

// madeWords puts into words what madeOf found, or gives part back.
func madeWords(found []string, part string) string {
	if found == nil {
		return part
	}
	var words []string
	add := func(what, text string) {
		if what != "" {
			words = append(words, text)
		}
	}
	add(found[1], lang.L("from the database {{.Name}}", values{"Name": found[1]}))
	add(found[2], lang.L("of PostgreSQL {{.Version}}", values{"Version": found[2]}))
	add(found[3], lang.L("made at {{.Time}}", values{"Time": found[3]}))
	add(found[4], lang.L("by pg_dump {{.Version}}", values{"Version": found[4]}))
	return strings.Join(words, ", ")
}

var moreAtEnd = regexp.MustCompile(`^(.+) and ([0-9]+) more$`)

// andMore translates the end of a list that names the first of many: "a, b and 7 more".
func andMore(names string) string {
	if found := moreAtEnd.FindStringSubmatch(names); found != nil {
		return lang.L("{{.Names}} and {{.N}} more", values{"Names": found[1], "N": found[2]})
	}
	return names
}
