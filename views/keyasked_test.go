package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// TestKeyIsAskedForOnEveryPage when it cannot be had any more.
func TestKeyIsAskedForOnEveryPage(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	s.seesNo("Use this key")
	st.KeyAsked.Cause = &backup.Fault{Text: "the keyring is locked, so the vault key cannot be had"}
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.sees("Vault key missing")
	test.Tap(s.button("Give the key…"))
	s.sees("The keyring is locked, so the vault key cannot be had", "nothing is lost")
	test.Tap(s.button("Use this key"))
	s.wasTold()
	test.Tap(s.button("Try the keyring again"))
	s.wasTold("try the keyring")
	s.entry("from the recovery kit").SetText("AAAA-BBBB")
	s.told.calls = nil
	test.Tap(s.button("Use this key"))
	s.wasTold("give key AAAA-BBBB")
	st.KeyAsked.Trouble = &backup.Fault{Text: "the key does not open this vault", Hint: "Enter the recovery key of this vault."}
	s.shell.Refresh(st)
	s.sees("The key does not open this vault. Enter the recovery key")
	st.KeyAsked = views.KeyAsked{}
	s.shell.Refresh(st)
	s.seesNo("Use this key", "Vault key missing")
	if s.window.Canvas().Overlays().Top() != nil {
		t.Error("it goes on asking for the key that is there again")
	}
}

// TestPreferencesHaveTheKey: shown again, tested, changed.
func TestPreferencesHaveTheKey(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Preferences = &views.Preferences{Values: map[string]string{}}
	s.shell.Refresh(st)
	test.Tap(s.button("Preferences"))
	s.sees("Nobody has confirmed that the recovery kit is kept")
	test.Tap(s.button("Show it, and save a kit…"))
	s.wasTold("show the key")
	test.Tap(s.button("Test the kit…"))
	s.entry("the last group of the key").SetText("CCCC")
	s.told.calls = nil
	test.Tap(s.button("Compare"))
	s.wasTold("test the kit CCCC")
	st.Preferences = &views.Preferences{Values: map[string]string{}, KitKept: now.Add(-time.Hour)}
	s.shell.Refresh(st)
	s.sees("The recovery kit was saved or tested 1 h ago.")
	test.Tap(s.button("Change it…"))
	s.sees("opens this vault no more")
	s.told.calls = nil
	test.Tap(s.button("Change the recovery key"))
	s.wasTold("change the key")

	st.Setup = &views.Setup{Key: "AAAA-BBBB-CCCC", Again: true}
	s.shell.Refresh(st)
	s.sees("AAAA-BBBB-CCCC")
	s.button("Save the recovery kit…")
	s.seesNo("Step 3 of 3")
	s.told.calls = nil
	test.Tap(s.button("Later"))
	s.wasTold("hide the key")
}
