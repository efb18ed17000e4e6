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

	"holdfast/views"
)

// forTerminals are what the engine says where no window can be: each with the reason.
var forTerminals = map[string]string{
	"Have a new one made: holdfast gate token create": "tokens are for scripts",
	"Name them, such as --actions ":                   "the same",
	"See: holdfast gate token list":                   "the same",
	"no-wait":                                         "a window can always ask",
	"Give --key-out FILE.":                            "a window shows the key itself",
	"--in-place":                                      "the window swaps, always",
	"See: holdfast config list":                       "the window offers no setting that is not there",
	"pg_dump":                                         "how a file is made that pg_restore reads; the flags are its own",
	"--data-only":                                     "the same",
	"pg_restore --list":                               "the same",
	"Add it to the sandbox: ":                         "of a list that the window has words of its own for",
	"mysqldump":                                       "a tool of another server",
	"it can be undone again: holdfast undo":           "a warning on standard error",
	"a restore makes it: holdfast restore":            "the same",
	"stands: holdfast sentinel acknowledge":           "the same",
	"if the vault was moved, say where it is":         "the same",
	"open that one again: holdfast vault open":        "the same",
	"Set this table with holdfast sandbox edit":       "a comment in the configuration",
	"add one with holdfast offsite add":               "the same",
}

var (
	verbs    = regexp.MustCompile(`%[+#]?[a-z]`) // of fmt
	aCommand = regexp.MustCompile("(^|[ (`])--[a-z]|holdfast [a-z]")
	lead     = regexp.MustCompile("^(holdfast |kopia |[A-Z_]+=| |--[a-z-]+( [A-Z-]+)*( --.*)?$|--(format|lock)|tar |add |remote |push )") // a command itself, or its parts
)

// TestRemediesAreOfTheWindow reads the source of the engine: no remedy sends a person from the window to
// a command, unless there is no other way, which is said then.
func TestRemediesAreOfTheWindow(t *testing.T) {
	all := hintsWithCommands(t)
	if len(all) < 100 {
		t.Fatalf("only %d hints with commands were found", len(all))
	}
	for language, terminal := range map[string]string{"en": "in a terminal", "de": "im Terminal"} {
		l := look{language, "light", large, 1}
		l.begin(t)
		for _, hint := range all {
			for _, said := range strings.SplitAfter(views.Translated(hint), ". ") {
				if aCommand.MatchString(said) && !strings.Contains(said, terminal) {
					t.Errorf("%s: %q is shown as %q", language, hint, said)
				}
			}
		}
	}
}

// TestFlagsAreFields: what a form lacks is called as the form calls it.
func TestFlagsAreFields(t *testing.T) {
	l := look{"en", "light", large, 1}
	l.begin(t)
	for said, want := range map[string]string{
		"--endpoint is missing": "Endpoint is missing", "--bucket is missing": "Bucket is missing", "--access-key-id is missing": "Access key ID is missing",
		"--path DIR is missing": "Folder is missing", "--user is missing": "User is missing", "--url is missing": "Address is missing", "Give --path DIR.": "Fill it in.",
	} {
		if got := views.Translated(said); got != want {
			t.Errorf("%q is shown as %q, not %q", said, got, want)
		}
	}
}

// hintsWithCommands are the texts of the engine that name a command or a flag, with names for what
// is put in.
func hintsWithCommands(t *testing.T) (all []string) {
	t.Helper()
	known := constants(t)
	eachGoFile(t, func(file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			switch e.(type) {
			case *ast.BasicLit, *ast.BinaryExpr:
			default:
				return true
			}
			text := verbs.ReplaceAllString(strings.ReplaceAll(strings.TrimPrefix(literal(e, known), "NAME"), "%d", "7"), "NAME")
			text = strings.TrimPrefix(strings.TrimLeft(text, "; "), ". ")
			if aCommand.MatchString(text) && strings.Contains(text, " ") && !strings.Contains(text, "\n") && !lead.MatchString(text) && !onlyForTerminals(text) {
				all = append(all, text)
			}
			return false
		})
	})
	return all
}

// constants are the texts in the source of the engine that have a name.
func constants(t *testing.T) map[string]string {
	t.Helper()
	known := map[string]string{}
	eachGoFile(t, func(file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.ValueSpec); ok && len(s.Names) == 1 && len(s.Values) == 1 {
				if text := literal(s.Values[0], nil); text != "NAME" {
					known[s.Names[0].Name] = text
				}
			}
			return true
		})
	})
	return known
}

func onlyForTerminals(text string) bool {
	for part := range forTerminals {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// literal is a text as it is put together; what is not known is NAME.
func literal(e ast.Expr, known map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return literal(e.X, known) + literal(e.Y, known)
		}
	case *ast.Ident:
		if text, ok := known[e.Name]; ok {
			return text
		}
	}
	return "NAME"
}

func eachGoFile(t *testing.T, do func(*ast.File)) {
	t.Helper()
	for _, room := range []string{"../backup", "../app/engine", "../app/secret", "../app/config", "../app/sample", "../platform"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err == nil {
				do(file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
