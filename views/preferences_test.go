package views_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

func TestPreferences(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	test.Tap(s.button("Preferences"))
	if want := (views.Place{Section: views.SectionPreferences}); s.told.place != want {
		t.Errorf("the program is told that %+v is shown", s.told.place)
	}
	st.Preferences = &views.Preferences{
		Values: map[string]string{
			views.PrefLogin: "false", views.PrefTheme: "dark", views.PrefLanguage: "system", views.PrefScale: "1.1",
			views.PrefNotify: "failures", views.PrefMains: "true", views.PrefWorkers: "0",
		},
		Home: "/home/ada/data", Config: "/home/ada/config.toml", Vault: "/mnt/vault",
		Problem: &backup.Fault{Text: "the configuration cannot be written", Hint: "Is it writable?"}, Bundle: "/home/ada/data/diagnostics.zip",
	}
	s.shell.Refresh(st)
	if s.tick("Start in the tray when I log in").Checked || !s.tick("Run nothing by itself on battery; make up for it on mains").Checked {
		t.Error("the ticks are not as they were set")
	}
	for _, value := range []string{"dark", "as the desktop has it", "110 %", "chosen by itself", "what needs you"} {
		s.pick(value)
	}
	s.sees("Preferences", "/mnt/vault", "/home/ada/config.toml",
		"The configuration cannot be written", "Is it writable?", "/home/ada/data/diagnostics.zip")
	s.told.calls = nil
	s.shell.Refresh(st)
	s.wasTold() // what is shown was not chosen by a person
	test.Tap(s.tick("Start in the tray when I log in"))
	s.wasTold("set login.start true")
	test.Tap(s.tick("Run nothing by itself on battery; make up for it on mains"))
	s.wasTold("set run.only_on_mains false")
	s.pick("dark").SetSelected("light")
	s.wasTold("set desktop.theme light")
	test.Tap(s.buttons("Open folder")[0])
	s.wasTold("open /mnt/vault")
	test.Tap(s.button("Write a diagnostics bundle"))
	s.wasTold("diagnostics")
	s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.seesNo("Where things are")
}

// TestSpeak: a chosen language is spoken whatever the desktop's is.
func TestSpeak(t *testing.T) {
	t.Setenv("LANG", "en_US.UTF-8")
	t.Setenv("LC_ALL", "")
	newScreen(t)
	t.Cleanup(func() {
		if err := views.Speak("en"); err != nil {
			t.Error(err)
		}
	})
	for _, c := range []struct{ language, want string }{{"de", "Geschützt"}, {"en", "Protected"}, {"nonsense", "Protected"}} {
		if err := views.Speak(c.language); err != nil {
			t.Fatal(err)
		}
		if got := lang.L("Protected"); got != c.want {
			t.Errorf("%s: %q", c.language, got)
		}
	}
}

// TestThemeThatIsChosen: it holds whatever the desktop's is.
func TestThemeThatIsChosen(t *testing.T) {
	test.NewTempApp(t)
	name := theme.ColorNameBackground
	for only, want := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		for _, desktop := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
			if (views.Theme{Only: only}).Color(name, desktop) != (views.Theme{}).Color(name, want) {
				t.Errorf("%s on a desktop in variant %d", only, desktop)
			}
		}
	}
}

// pick finds a choice by what is chosen.
func (s *screen) pick(chosen string) (found *widget.Select) {
	s.t.Helper()
	s.visible(func(o fyne.CanvasObject) {
		if p := embedded[widget.Select](o); p != nil && p.Selected == chosen {
			found = p
		}
	})
	if found == nil {
		s.t.Fatalf("%q is chosen nowhere", chosen)
	}
	return found
}

// TestWaits: what keeps a run that is due is said in place of its time, and in the Activity.
func TestWaits(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Due, st.Sandboxes[0].Waits = true, backup.SkipBattery
	s.shell.Refresh(st)
	s.sees("waits: on battery")
	s.seesNo("due now")
	st.Activity = &views.Activity{Runs: []views.Run{{Sandbox: "shop", Trigger: backup.Scheduled, Started: now, Skipped: backup.SkipPaused}}}
	s.shell.Visit(views.Place{Section: views.SectionRuns})
	s.shell.Refresh(st)
	s.sees("not begun", "Backups are paused")
}
