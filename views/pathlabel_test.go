package views_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// longPath is the path of a file that no small window has room for.
const longPath = "2026/05/customers/north/invoices/attachments/Straße-and-a-really-long-name-of-a-scanned-invoice-0001.pdf"

// TestLongNamesOfFiles: in the comparison of folders the end of a path is readable in a small window,
// in both languages, and the line with the focus is shown whole.
func TestLongNamesOfFiles(t *testing.T) {
	for _, l := range []look{{"en", "light", small, 1}, {"de", "light", small, 1}} {
		t.Run(l.String(), func(t *testing.T) {
			l.begin(t)
			s := l.window(t)
			for _, sc := range folderScenes() {
				if sc.name == "restore-folders-compare" {
					sc.open(s)
				}
			}
			s.arrange()
			cut := ""
			for text := range strings.SplitSeq(s.texts(), "\n") {
				if strings.Contains(text, "…") && strings.HasSuffix(text, "invoice-0001.pdf") {
					cut = text
				}
			}
			if utf8.RuneCountInString(cut) < 30 {
				t.Errorf("the name is shown as %q in\n%s", cut, s.texts())
			}
			s.seesNo("uploads/" + longPath)
			list := s.longest()
			list.FocusGained()
			for range 2 {
				list.TypedKey(key(fyne.KeyDown))
			}
			s.sees("uploads/" + longPath)
		})
	}
}
