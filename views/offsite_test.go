package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

func TestOffsitePage(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	test.Tap(s.button("Off-site copies"))
	if s.told.place.Section != views.SectionOffsite {
		t.Errorf("looked at %+v", s.told.place)
	}
	s.sees("There is no copy yet.")
	fields := s.entries()
	fields[0].SetText("disk")
	fields[1].SetText(" /media/backup ")
	test.Tap(s.button("Try it and add it…"))
	s.wasTold("add copy {Name:disk Kind:folder Path:/media/backup Host: Port: User: Identity: HostKey: Endpoint: Bucket: Prefix: Region: AccessKey: URL: Secret:}")

	st.Offsite = &views.Offsite{Added: true, Copies: []views.Copy{
		{Name: "disk", Where: "/media/backup", SameDisk: true, Last: now.Add(-2 * time.Hour), Bytes: 3 << 20, Job: "offsite:disk",
			Drilled: &views.CopyTrial{At: now.Add(-3 * time.Hour), Verdict: backup.Proven, Sandbox: "shop"}, Checked: &views.CopyTrial{At: now.Add(-50 * time.Hour), Verdict: backup.Intact}},
		{Name: "nas", Where: "sftp://me@nas:22/x", NextTry: now.Add(2 * time.Hour), Lock: 30 * 24 * time.Hour, Problem: &backup.Fault{Text: "the place is away", Hint: "Is it switched on?"}},
		{Name: "cloud", Where: "https://dav", Job: "offsite:cloud", Busy: &views.Busy{Title: "Off-site copy cloud"}},
	}}
	s.shell.Refresh(st)
	s.sees("Up to date 2 h ago, 3.0 MB.", "on the vault’s own disk", "The place is away.", "The next try is", "Nothing was copied yet.", "Locked: for 30 days", "Off-site copy cloud",
		"Restore of shop from it: proven, 3 h ago", "Every byte of it: intact, 2 days ago")
	if fields[0].Text != "" {
		t.Error("the fields stay filled")
	}
	test.Tap(s.button("More…"))
	s.sees("Is it switched on?")
	test.Tap(s.button("Copy details"))
	if s.copied != "the place is away\nIs it switched on?" {
		t.Errorf("%q was copied", s.copied)
	}
	test.Tap(s.button("Close"))
	test.Tap(s.buttons("Check every byte")[0])
	s.wasTold("check copy disk")
	test.Tap(s.buttons("Bring up to date")[1])
	s.wasTold("sync copy nas")
	test.Tap(s.buttons("Remove…")[0])
	s.wasTold("remove copy disk")
	if !s.buttons("Bring up to date")[2].Disabled() {
		t.Error("a copy that is being made can be begun again")
	}
	test.Tap(s.button("Cancel"))
	s.wasTold("cancel offsite:cloud")
	if prove := s.buttons("Prove from this copy…"); prove[0].Disabled() || !prove[1].Disabled() || !prove[2].Disabled() {
		t.Error("what a copy holds can be proven exactly where something is in it and nothing is done with it")
	}
	test.Tap(s.buttons("Prove from this copy…")[0])
	s.sees("Prove that the copy disk restores", "into a scratch database")
	test.Tap(s.button("Prove it"))
	s.wasTold("prove copy disk of shop")
	s.seesNo("Prove that the copy disk restores")

	st.Offsite.Copies[0].Behind = true
	st.Offsite.Copies[1].Last, st.Offsite.Copies[1].NextTry = now.Add(-2*time.Hour), now.Add(-time.Hour)
	s.shell.Refresh(st)
	s.sees("Behind: not every backup is there yet.", "Last brought up to date 2 h ago, 3.0 MB.", "It was last up to date 2 h ago.")
	s.seesNo("The next try is")

	st.Offsite.Problem = &backup.Fault{Text: "the server's key is not known", Hint: "Is it SHA256:abc?"}
	s.shell.Refresh(st)
	s.sees("The server's key is not known", "Is it SHA256:abc?")
}
