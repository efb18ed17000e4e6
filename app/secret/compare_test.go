package secret_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"testing"
)

// comparers are the files in which what somebody typed, or what came with a file, is compared with what only
// the right one can know, and the function that each of them does it with.
var comparers = map[string]string{
	"passphrase.go":              "subtle.ConstantTimeCompare", // the approval passphrase
	"rules.go":                   "subtle.ConstantTimeCompare", // a token; and, with hmac.Equal, the seal of the rules
	"../engine/givekey.go":       "subtle.ConstantTimeCompare", // the end of the key on a kit
	"../engine/kit.go":           "subtle.ConstantTimeCompare", // a key that was typed
	"../engine/downloads_run.go": "hmac.Equal",                 // an approval of downloads
	"../../backup/audit.go":      "hmac.Equal",                 // the chain of the audit log
}

var (
	// hidden are the names of what is compared there.
	hidden = regexp.MustCompile(`(?i)(^|\.)(hash|seal|mac|passphrase|secret|typed|approved|known|key)$`)
	// early are functions that end at the first byte that differs.
	early = regexp.MustCompile(`^(bytes|strings|slices|reflect|cmp)\.(Equal|EqualFold|Compare|HasPrefix|DeepEqual)$`)
)

// TestSecretsAreComparedInConstantTime reads the text of what checks a passphrase, a token, a seal or a key: how
// long that takes must not say how much of a guess was right, and no measurement could show that reliably.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	for path, want := range comparers {
		if !slices.Contains(compared(t, path), want) {
			t.Errorf("%s does not call %s", path, want)
		}
	}
}

// compared gives the calls that compare in constant time, and fails for what compares otherwise.
func compared(t *testing.T, path string) (constant []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			sides := []ast.Expr{n.X, n.Y}
			if (n.Op == token.EQL || n.Op == token.NEQ) && slices.ContainsFunc(sides, isHidden) && !slices.ContainsFunc(sides, isEmpty) {
				t.Errorf("%s compares what is secret with %s", files.Position(n.Pos()), n.Op)
			}
		case *ast.CallExpr:
			name := nameOf(n.Fun)
			if early.MatchString(name) && slices.ContainsFunc(n.Args, isHidden) {
				t.Errorf("%s compares what is secret with %s", files.Position(n.Pos()), name)
			}
			if constantly(name) {
				constant = append(constant, name)
			}
		}
		return true
	})
	return constant
}

func constantly(call string) bool {
	return call == "subtle.ConstantTimeCompare" || call == "hmac.Equal"
}

// isHidden says whether an expression is secret, or a slice, a conversion or a hash of what is.
func isHidden(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		name := nameOf(e.Fun)
		return name != "len" && !constantly(name) && (hidden.MatchString(name) || slices.ContainsFunc(e.Args, isHidden))
	case *ast.SliceExpr:
		return isHidden(e.X)
	case *ast.ParenExpr:
		return isHidden(e.X)
	}
	return hidden.MatchString(nameOf(e))
}

// isEmpty says whether an expression is "" or nil: whether there is something at all is no secret.
func isEmpty(e ast.Expr) bool {
	literal, ok := e.(*ast.BasicLit)
	return ok && literal.Value == `""` || nameOf(e) == "nil"
}

// nameOf gives a name, with that of what it belongs to.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	}
	return ""
}
