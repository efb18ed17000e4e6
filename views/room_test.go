package views_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TestEverythingHasRoom opens every screen in the smallest window, in both languages: nothing is
// wider or higher than the window, no text of ours is cut, and in German none stays English. Set HOLDFAST_PICTURES to a folder
// to look at them all.
func TestEverythingHasRoom(t *testing.T) {
	looks := []look{{"en", "light", small, 1}, {"de", "light", small, 1}}
	folder := os.Getenv("HOLDFAST_PICTURES")
	if folder != "" {
		looks = append(looks, look{"de", "light", zoom, 1.5}, look{"en", "light", zoom, 1.5}, look{"en", "dark", small, 1}, look{"en", "light", large, 1}, look{"en", "dark", large, 1}, look{"en", "dark", zoom, 1.5}, look{"de", "dark", large, 1}, look{"de", "light", small, 2}, look{"en", "dark", small, 2})
	}
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			l.begin(t)
			for _, sc := range scenes() {
				t.Run(sc.name, func(t *testing.T) {
					s := l.window(t)
					sc.open(s)
					s.arrange()
					s.hasRoom(l.size)
					if l.language == "de" {
						s.speaksGerman()
					}
					if folder != "" {
						s.keep(folder, sc.name+"-"+l.String())
					}
				})
			}
		})
	}
}

// mayBeCut are names and texts of people and servers in rows of lists and in notices: they have no end, and are
// whole where the row is opened, or More… is pressed.
var mayBeCut = []string{
	"Cannot reach PostgreSQL at localhost:5432: nothing listens there", "public.orders fell from 128,402 rows to 12;  public.odd.name vanished, it had 9 rows.",
	"PostgreSQL auf localhost:5432 ist nicht erreichbar: dort nimmt nichts Verbindungen an", "public.orders fiel von 128.402 Zeilen auf 12;  public.odd.name verschwand, sie hatte 9 Zeilen.",
	"before the migration", "before the migration to version 42", "reporting.a_table_with_quite_a_long_name_of_its_own",
	"FUNCTION public.total(integer)", "uploads/2026/06/new.png", "uploads/2026/05/picture-0000.jpg", "uploads/2026/05/picture-0001.jpg", "denied by policy (backups.delete)", "durch die Regeln verboten (backups.delete)", "eve@desk, token nightly", "/home/ada/.config/holdfast/config.toml",
	"The place does not answer as it should: sftp://ada@nas:22/backup/holdfast: connection refused.",
	"Der Ort antwortet nicht, wie er sollte: sftp://ada@nas:22/backup/holdfast: connection refused.",
	"The disk that holds the vault is full. Make room on that disk, or delete old backups.",
	"Der Datenträger des Tresors ist voll. Schaffen Sie dort Platz, oder löschen Sie alte Sicherungen.",
	"Lost the connection to PostgreSQL at localhost:5432", "Die Verbindung zu PostgreSQL auf localhost:5432 ist abgebrochen",
}

// hasRoom says what does not fit.
func (s *screen) hasRoom(size fyne.Size) {
	s.t.Helper()
	for _, root := range append([]fyne.CanvasObject{s.window.Content()}, s.window.Canvas().Overlays().List()...) {
		if need := root.MinSize(); need.Width > size.Width || need.Height > size.Height {
			s.t.Errorf("a window of %v needs %v", size, need)
		}
	}
	s.visible(func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *widget.Label:
			if slices.Contains(mayBeCut, o.Text) {
				return
			}
			fitted := float32(0)
			if strings.Contains(o.Text, "…") { // it was cut in its middle until it fitted
				fitted = 1
			}
			if need := needs(o); need > o.Size().Width+fitted {
				s.t.Errorf("%q is cut: it needs %.0f and has %.0f", o.Text, need, o.Size().Width)
			} else if o.MinSize().Height > o.Size().Height+1 {
				s.t.Errorf("%q is cut: it needs a height of %.0f and has %.0f", o.Text, o.MinSize().Height, o.Size().Height)
			}
		case *widget.Button:
			if o.MinSize().Width > o.Size().Width+1 {
				s.t.Errorf("the button %q is cut", o.Text)
			}
		}
	})
}

// needs is the width that a label's text takes on one line, or its widest word where it may break.
func needs(l *widget.Label) float32 {
	if l.Text == "" || l.Wrapping != fyne.TextWrapOff {
		return 0
	}
	whole := widget.NewLabelWithStyle(l.Text, l.Alignment, l.TextStyle)
	whole.SizeName = l.SizeName
	if l.Truncation == fyne.TextTruncateOff {
		return whole.MinSize().Width
	}
	return whole.MinSize().Width + 1 // what fits exactly may be cut by a rounding
}
