package views_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"image/color"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"holdfast/assets"
	"holdfast/views"
)

// TestEveryTextIsInTheTranslations reads the source: a text that is not in en.json cannot be translated.
func TestEveryTextIsInTheTranslations(t *testing.T) {
	texts := translation(t, "en")
	used := textsInSource(t)
	if len(used) < 50 {
		t.Fatalf("only %d texts were found in the source", len(used))
	}
	for _, text := range used {
		if _, ok := texts[text]; !ok {
			t.Errorf("%q is not in en.json", text)
		}
	}
	for text := range texts {
		if !slices.Contains(used, text) {
			t.Errorf("en.json has %q, which is used nowhere", text)
		}
	}
}

// TestTranslationsAreWhole: every language has the same texts, plurals and data as English.
func TestTranslationsAreWhole(t *testing.T) {
	english := translation(t, "en")
	german := translation(t, "de")
	for text, want := range english {
		got, ok := german[text]
		if !ok {
			t.Errorf("de.json lacks %q", text)
			continue
		}
		if !slices.Equal(data(want), data(got)) {
			t.Errorf("de.json: %q has other data than %q", got, want)
		}
	}
	if len(german) != len(english) {
		t.Errorf("de.json has %d texts, en.json %d", len(german), len(english))
	}
}

func translation(t *testing.T, language string) map[string]any {
	t.Helper()
	raw, err := assets.Translations.ReadFile("translations/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// data gives what a text puts in: of plurals, the form for many.
func data(text any) []string {
	s, plain := text.(string)
	if !plain {
		forms, _ := text.(map[string]any)
		s, _ = forms["other"].(string)
	}
	found := regexp.MustCompile(`{{\.\w+}}`).FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func textsInSource(t *testing.T) (all []string) {
	t.Helper()
	var files []string
	for _, room := range []string{".", "../app/controller", "../app/desktop"} {
		some, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := translated(n); ok {
				all = append(all, text)
			}
			all = append(all, phrases(n)...)
			return true
		})
	}
	return all
}

// translated gives the text of a call of lang.L or lang.N.
func translated(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "L" && f.Sel.Name != "N" && f.Sel.Name != "X" {
		return "", false
	}
	if room, ok := f.X.(*ast.Ident); !ok || room.Name != "lang" {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// phrases gives the texts of a list of phrases.
func phrases(n ast.Node) (all []string) {
	list, ok := n.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	kind, ok := list.Type.(*ast.ArrayType)
	if !ok {
		return nil
	}
	of, ok := kind.Elt.(*ast.Ident)
	if !ok || of.Name != "phrase" && of.Name != "remedy" {
		return nil
	}
	for _, e := range list.Elts {
		if r, ok := e.(*ast.CompositeLit); ok { // what the window says in the place of a hint
			e = r.Elts[1]
		}
		if literal, ok := e.(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				all = append(all, text)
			}
		}
	}
	return all
}

func TestOneIsSingular(t *testing.T) {
	s := newScreen(t)
	st := state()
	k := &st.Sandboxes[0].Backups[0]
	k.Rows, k.Tables[0].Rows = 1, 1
	st.Sandboxes[0].Details = k
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.sees("1 table  ·", "1 row")
	s.seesNo("1 tables", "1 rows")
}

// TestTextsCanBeRead holds the colours to WCAG's 4.5 for text.
func TestTextsCanBeRead(t *testing.T) {
	for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		at := func(n fyne.ThemeColorName) color.Color { return views.Theme{}.Color(n, variant) }
		for _, text := range []fyne.ThemeColorName{
			theme.ColorNameForeground, theme.ColorNameDisabled, theme.ColorNamePlaceHolder, theme.ColorNameError,
			theme.ColorNameWarning, theme.ColorNameSuccess, theme.ColorNameHyperlink, theme.ColorNamePrimary,
		} {
			for _, behind := range []fyne.ThemeColorName{
				theme.ColorNameBackground, theme.ColorNameOverlayBackground, theme.ColorNameInputBackground, theme.ColorNameMenuBackground, theme.ColorNameHeaderBackground,
			} {
				if c := contrast(at(text), at(behind)); c < 4.5 {
					t.Errorf("%s: %s on %s has %.1f", name, text, behind, c)
				}
			}
			// The rows of lists that are chosen, or under the mouse, on the page and in a dialog.
			for _, behind := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameOverlayBackground} {
				for _, tint := range []fyne.ThemeColorName{theme.ColorNameSelection, theme.ColorNameHover} {
					if tint == theme.ColorNameSelection && (text == theme.ColorNamePlaceHolder || text == theme.ColorNamePrimary || text == theme.ColorNameHyperlink) {
						continue // no row has these
					}
					if c := contrast(at(text), over(at(tint), at(behind))); c < 4.5 {
						t.Errorf("%s: %s on %s over %s has %.1f", name, text, tint, behind, c)
					}
				}
			}
		}
		// What an open list or a menu has the focus on.
		for _, behind := range []fyne.ThemeColorName{theme.ColorNameMenuBackground, theme.ColorNameInputBackground} {
			if c := contrast(at(theme.ColorNameForeground), over(at(theme.ColorNameFocus), at(behind))); c < 4.5 {
				t.Errorf("%s: the focus in %s has %.1f", name, behind, c)
			}
		}
		for _, behind := range []fyne.ThemeColorName{theme.ColorNameDisabledButton, theme.ColorNameButton} {
			if c := contrast(at(theme.ColorNameDisabled), at(behind)); c < 4.5 {
				t.Errorf("%s: what is disabled on %s has %.1f", name, behind, c)
			}
		}
		for text, behind := range map[fyne.ThemeColorName]fyne.ThemeColorName{
			theme.ColorNameForegroundOnPrimary: theme.ColorNamePrimary, theme.ColorNameForegroundOnError: theme.ColorNameError,
			theme.ColorNameForegroundOnSuccess: theme.ColorNameSuccess, theme.ColorNameForegroundOnWarning: theme.ColorNameWarning,
			theme.ColorNameForeground: theme.ColorNameButton,
		} {
			if c := contrast(at(text), at(behind)); c < 4.5 {
				t.Errorf("%s: %s on %s has %.1f", name, text, behind, c)
			}
		}
	}
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// over is a colour that is seen through, on another.
func over(a, b color.Color) color.Color {
	p, q := color.NRGBAModel.Convert(a).(color.NRGBA), color.NRGBAModel.Convert(b).(color.NRGBA)
	mix := func(x, y uint8) uint8 { return uint8((int(x)*int(p.A) + int(y)*(255-int(p.A))) / 255) }
	return color.NRGBA{R: mix(p.R, q.R), G: mix(p.G, q.G), B: mix(p.B, q.B), A: 0xff}
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		if f := float64(v) / 0xffff; f > 0.04045 {
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return float64(v) / 0xffff / 12.92
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// TestIconsAreFilled: Fyne recolours the fill only.
func TestIconsAreFilled(t *testing.T) {
	for _, name := range []string{"holdfast", "tray-idle", "tray-running", "tray-ok", "tray-attention", "tray-failed"} {
		svg := string(assets.Icon(name))
		if !strings.Contains(svg, "fill=") || strings.Contains(svg, "stroke") {
			t.Errorf("%s: %s", name, svg)
		}
	}
	if assets.Icon("no such") != nil {
		t.Error("an icon that is not there")
	}
}
