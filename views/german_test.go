package views_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/views"
)

// english are words that no German sentence has.
var english = regexp.MustCompile(`(?i)\b(the|and|of|is|are|were|has|have|been|with|from|for|no|cannot|can|could|this|that|it|its|by|to|or|as|what|when|which|who|why|every|each|restored?|backups?|tables?|rows?|files?|folders?|days?|hours?|newest|last|next|kept|keeps?|removed|deleted|check|choose|save|start|open|closed?|yes|more|other|your|you|at|on)\b`)

// mayBeEnglish are parts of texts that are no words of ours: what people named and wrote, commands,
// and what servers and programs say. They are as they are in every language.
var mayBeEnglish = []string{
	"before the migration to version 42", "before the migration", // a note
	"daily, weekly, monthly, newest oder days", "3 newest, 30 days", // words of the rules
	"backups.",                                                                     // of the keys of permissions, such as backups.read
	"Redis at localhost:6379", "sqlite3 .backup", "of-a-scanned-invoice", ".next/", // other servers, their tools, a file
}

// command is something to be typed or run, or the name of a file.
var command = regexp.MustCompile(`\b(holdfast|git|psql|bw|ssh-keygen|systemctl) [^ ]+( [^ .,]+)*|--[a-z-]+|[~/]?[\w.*-]*/[\w./*-]+`)

// speaksGerman says which texts stay English.
func (s *screen) speaksGerman() {
	s.t.Helper()
	for _, text := range s.readable() {
		if text == "backups" { // the name of a bucket
			continue
		}
		said := command.ReplaceAllString(text, "")
		for _, part := range mayBeEnglish {
			said = strings.ReplaceAll(said, part, "")
		}
		if found := english.FindAllString(said, -1); found != nil {
			s.t.Errorf("%q is in German and has %q", text, found)
		}
	}
}

// readable gives all texts that are shown, or come up where one presses.
func (s *screen) readable() (all []string) {
	add := func(texts ...string) {
		for _, text := range texts {
			if text != "" && !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	s.visible(func(o fyne.CanvasObject) {
		if b := embedded[widget.Button](o); b != nil {
			add(b.Text)
		}
		if c := embedded[widget.Check](o); c != nil {
			add(c.Text)
		}
		if e := embedded[widget.Entry](o); e != nil {
			add(e.PlaceHolder)
		}
		if p := embedded[widget.Select](o); p != nil {
			add(append(p.Options, p.Selected, p.PlaceHolder)...)
		}
		switch o := o.(type) {
		case *widget.Label:
			if !o.TextStyle.Monospace { // that is a command, or a key
				add(o.Text)
			}
		case *widget.RichText:
			for _, part := range o.Segments {
				if of, ok := part.(*widget.TextSegment); ok && !of.Style.TextStyle.Monospace {
					add(of.Text)
				}
			}
		}
	})
	return all
}

// TestToolkitSpeaksGerman: so do the menus of fields and the file dialogs, which are Fyne's, whatever
// the desktop speaks.
func TestToolkitSpeaksGerman(t *testing.T) {
	german(t)
	for _, word := range views.ToolkitPhrases() {
		if said := lang.L(word); said == word && word != "OK" {
			t.Errorf("%q stays English", word)
		}
	}
}
