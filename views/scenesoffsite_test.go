package views_test

import (
	"time"

	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// offsiteScenes are the page about copies of the vault, and what is asked on it and on the one for a new sandbox.
func offsiteScenes() []scene {
	return []scene{
		{"offsite-empty", onPage("\x00offsite", func(*views.State) {})},
		{"offsite", onPage("\x00offsite", func(st *views.State) {
			st.Offsite = &views.Offsite{Copies: []views.Copy{
				{Name: "disk", Where: "/media/backup/holdfast", SameDisk: true, Last: now.Add(-2 * time.Hour), Bytes: 3 << 30, Job: "offsite:disk",
					Drilled: &views.CopyTrial{At: now.Add(-26 * time.Hour), Verdict: backup.Proven, Sandbox: "shop"}, Checked: &views.CopyTrial{At: now.Add(-50 * time.Hour), Verdict: backup.Intact}},
				{Name: "nas", Where: "sftp://ada@nas:22/backup/holdfast", Last: now.Add(-50 * time.Hour), NextTry: now.Add(3 * time.Hour), Lock: 30 * 24 * time.Hour, Problem: &backup.Fault{Text: "the place does not answer as it should: sftp://ada@nas:22/backup/holdfast: connection refused", Hint: "Is it switched on, connected and mounted? It is tried again by itself."}},
				{Name: "cloud", Where: "s3://s3.example.org/backups/desk", Job: "offsite:cloud", Busy: &views.Busy{Title: lang.L("Off-site copy {{.Name}}", map[string]any{"Name": "cloud"}), Fraction: 0.5, Rate: 4 << 20, Progress: backup.Progress{Bytes: 1 << 29, BytesTotal: 1 << 30}}},
			}}
		})},
		{"offsite-failed", func(s *screen) {
			onPage("\x00offsite", func(st *views.State) {
				st.Offsite = &views.Offsite{Problem: &backup.Fault{Text: "/media/backup/holdfast holds the files of another vault", Hint: "Choose a place of its own for each vault."}}
			})(s)
		}},
		{"offsite-more", func(s *screen) {
			onPage("\x00offsite", func(st *views.State) {
				st.Offsite = &views.Offsite{Copies: []views.Copy{{Name: "nas", Where: "sftp://ada@nas:22/backup/holdfast", Problem: &backup.Fault{Text: "the place does not answer as it should: sftp://ada@nas:22/backup/holdfast: connection refused", Hint: "Is it switched on, connected and mounted? It is tried again by itself."}}}}
			})(s)
			s.tapOn("More…")
		}},
		{"ask-folder", func(s *screen) {
			onPage("\x00add", func(st *views.State) { st.Discovery = firstStart().Discovery })(s)
			s.tapOn("Look in a folder…")
		}},
		{"offsite-prove", func(s *screen) {
			onPage("\x00offsite", func(st *views.State) {
				st.Offsite = &views.Offsite{Copies: []views.Copy{{Name: "disk", Where: "/media/backup/holdfast", Last: now.Add(-2 * time.Hour), Bytes: 3 << 30}}}
			})(s)
			test.Tap(s.button(lang.L("Prove from this copy…")))
		}},
		{"offsite-s3", func(s *screen) {
			onPage("\x00offsite", func(*views.State) {})(s)
			s.pick(lang.L("Another disk or share")).SetSelectedIndex(2)
		}},
	}
}
