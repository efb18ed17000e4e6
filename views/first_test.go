package views_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"holdfast/backup"
	"holdfast/views"
)

// TestTheFirstDrawingHasRoom draws the Overview once, and then in a narrower window: what breaks its
// lines has its height at once.
func TestTheFirstDrawingHasRoom(t *testing.T) {
	for _, l := range []look{{"en", "light", small, 1}, {"de", "light", large, 1}} {
		t.Run(l.String(), func(t *testing.T) {
			l.begin(t)
			for name, st := range map[string]views.State{"full": full(), "well": well(), "losing": losing(), "locked": locked()} {
				t.Run(name, func(t *testing.T) {
					s := l.window(t)
					s.shell.Refresh(st)
					s.hasRoom(l.size)
					s.window.Resize(zoom)
					s.hasRoom(zoom)
					s.window.Resize(small)
					s.hasRoom(small)
					s = l.window(t)
					s.window.Resize(fyne.NewSize(1, 1))
					s.shell.Refresh(st)
					s.window.Resize(l.size)
					s.hasRoom(l.size)
				})
			}
		})
	}
}

// locked is a workstation whose vault key is missing.
func locked() views.State {
	st := well()
	st.Sandboxes[0].Health, st.Sandboxes[0].Trouble, st.Sandboxes[0].Why = views.NeedsAttention, views.TroubleKey, "no backup can be taken until the vault key is there again"
	st.KeyAsked.Cause = &backup.Fault{Text: "the keyring is locked, so the vault key cannot be had", Hint: "Unlock it."}
	return st
}

// TestWithoutTheKeyNothingIsProtected: neither the sentence nor the row says so, and no backup is offered
// that could not be taken.
func TestWithoutTheKeyNothingIsProtected(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(locked())
	s.sees("Needs attention", "no backup can be taken until the vault key is there again")
	s.seesNo("Protected", "Back up now")
}

func TestUsageIsPlain(t *testing.T) {
	s := newScreen(t)
	st := state()
	for _, c := range []struct {
		n    int
		held int64
		want string
	}{
		{31, 640 << 20, "31 backups, each stored whole, would take 15.5 GB; the vault holds 640 MB, because what did not change is stored once"},
		{1, 640 << 20, "The vault holds 640 MB."}, {1, 100 << 20, "1 backup, stored whole, would take 512 MB; the vault holds 100 MB"},
	} {
		st.VaultBytes, st.Sandboxes[0].Backups = c.held, []backup.Backup{{Status: backup.StatusFailed, RawBytes: 1 << 40}}
		for range c.n {
			st.Sandboxes[0].Backups = append(st.Sandboxes[0].Backups, backup.Backup{Status: backup.StatusCompleted, RawBytes: 512 << 20})
		}
		s.shell.Refresh(st)
		s.sees(c.want)
	}
	st.VaultBytes = 0
	s.shell.Refresh(st)
	s.seesNo("the vault holds", "The vault holds")
}

func TestDetailsSayAsWhatABackupIsKept(t *testing.T) {
	s := newScreen(t)
	st := full()
	s.shell.Refresh(st)
	s.shell.Open("shop")
	b := &st.Sandboxes[0]
	b.Details = &b.Backups[1]
	for want, f := range map[string]backup.Fate{
		"kept as daily backup: the newest of": {Keep: true, Tier: backup.TierDaily, Reason: "the newest of 2026-06-14"},
		"kept: pinned":                        {Keep: true, Tier: backup.TierOnDemand, Reason: "pinned"},
		"goes at the next prune: younger":     {Reason: "younger than 30 days"},
	} {
		f.Backup = b.Details
		b.Fates = []backup.Fate{f}
		s.shell.Refresh(st)
		s.sees(want)
	}
}
