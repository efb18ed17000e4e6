//go:build unix

package controller_test

import (
	"slices"
	"strings"
	"testing"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

func TestSecondStartIsBusy(t *testing.T) {
	b := newBench(t)
	release := b.held("shop")
	b.BackUp("shop", "first")
	b.BackUp("shop", "second")
	b.until("the second one is refused", func() bool {
		p := b.shop().Problem
		return p != nil && p.Kind == backup.Busy && b.shop().Busy != nil && b.Busy() == 1
	})
	release()
	b.until("the first one ends", func() bool { return b.shop().Busy == nil && len(b.shop().Backups) > 0 })
	if all := b.shop().Backups; len(all) != 1 || all[0].Note != "first" || all[0].Status != backup.StatusCompleted {
		t.Errorf("backups: %+v", all)
	}
	b.Dismiss("shop")
	b.until("the problem is gone", func() bool { return b.shop().Problem == nil })
}

// TestPromptIsOneJobsOwn: neither the progress nor the end of another job closes it, and another
// prompt waits behind it.
func TestPromptIsOneJobsOwn(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.Delete("shop", id)
	b.until("the prompt", func() bool { return b.question != nil })
	b.BackUp("blog", "")
	b.until("a backup of blog", func() bool { return b.blog().Busy == nil && len(b.blog().Backups) == 1 })
	b.Delete("blog", b.blog().Backups[0].ID)
	b.until("the other deletion begins", func() bool { return b.blog().Busy != nil })
	b.Cancel("blog")
	b.until("it can be cancelled while it waits", func() bool { return b.blog().Busy == nil })
	b.until("the prompt is still the first one's", func() bool {
		return b.question != nil && b.question.Prompt.Sandbox == "shop" && b.closings == 0
	})
	b.Approve(phrase)
	b.until("the deletion", func() bool { return len(b.shop().Backups) == 0 && b.question == nil })
	if len(b.blog().Backups) != 1 {
		t.Error("the other deletion was done without an approval")
	}
}

func TestWrongPassphraseIsAskedAgain(t *testing.T) {
	b := newBench(t)
	b.Delete("shop", b.backUp())
	b.until("the prompt", func() bool { return b.question != nil })
	b.Approve("incorrect horse")
	b.until("it is asked again, and says why", func() bool { return b.question != nil && b.question.Trouble != "" })
	if len(b.shop().Backups) != 1 || b.closings != 0 {
		t.Error("a wrong passphrase deleted, or closed the prompt")
	}
	b.Approve(phrase)
	b.until("the deletion", func() bool { return len(b.shop().Backups) == 0 && b.shop().Busy == nil })
	if b.shop().Problem != nil {
		t.Errorf("problem: %+v", b.shop().Problem)
	}
}

func TestDeclinedIsNoProblem(t *testing.T) {
	b := newBench(t)
	b.Delete("shop", b.backUp())
	b.until("the prompt", func() bool { return b.question != nil })
	b.Decline()
	b.until("the job ends", func() bool { return b.shop().Busy == nil && b.question == nil })
	if b.shop().Problem != nil || len(b.notes) > 0 || len(b.shop().Backups) != 1 {
		t.Errorf("problem %+v, notes %q", b.shop().Problem, b.notes)
	}
}

func TestOneNotificationForOneCause(t *testing.T) {
	b := newBench(t)
	fail := func(times int) {
		t.Helper()
		b.sql("postgres", "ALTER DATABASE shop ALLOW_CONNECTIONS false")
		for range times {
			had := len(b.shop().Backups)
			b.BackUp("shop", "")
			b.until("a failure", func() bool {
				return b.shop().Busy == nil && b.shop().Problem != nil && len(b.shop().Backups) > had && b.Busy() == 0
			})
		}
		b.sql("postgres", "ALTER DATABASE shop ALLOW_CONNECTIONS true")
	}
	fail(3)
	b.until("one notification", func() bool { return len(b.notes) == 1 })
	b.backUp()
	fail(1)
	b.until("another one after it went well", func() bool { return len(b.notes) == 2 })
	if !strings.Contains(b.notes[0], "Backing up shop") {
		t.Errorf("notes: %q", b.notes)
	}
}

func TestCancelInTheComparison(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.Compare("shop", id, "shop")
	b.until("the comparison", func() bool { return b.shop().Compared != nil && b.shop().Busy == nil })
	if c := b.shop().Compared; c.Backup != id || !c.Result.Same {
		t.Errorf("compared: %+v", c)
	}
	blocker := b.connect("shop") // the comparison waits for this table
	if _, err := blocker.Exec(t.Context(), "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	b.Compare("shop", id, "shop")
	b.until("the comparison waits", func() bool { return b.shop().Busy != nil && b.shop().Busy.Progress.Stage != "" })
	b.Cancel("shop")
	b.until("the comparison ends", func() bool { return b.shop().Busy == nil && b.Busy() == 0 })
	if b.shop().Problem != nil || b.shop().Compared != nil {
		t.Errorf("problem %+v, compared %+v", b.shop().Problem, b.shop().Compared)
	}
	must(t, blocker.Close(t.Context()))
	if n := b.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'"); n != "0" {
		t.Errorf("%s sessions are left", n)
	}
}

// TestPolicyThatAsks: what a policy asks about is asked in the window too, and what it denies fails.
func TestPolicyThatAsks(t *testing.T) {
	b := newBench(t)
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionPermissions})
	b.until("the policy is read", func() bool { return b.shop().Permissions != nil })
	b.SetPolicy("shop", backup.ActionCreate, backup.Ask)
	b.approve()
	b.until("the policy is changed", func() bool { return b.shop().Permissions.Policy.Decide(backup.ActionCreate) == backup.Ask })
	b.BackUp("shop", "")
	b.until("the prompt is closed", func() bool { return b.question == nil || b.question.Prompt.Action == backup.ActionCreate })
	b.approve()
	b.until("a backup", func() bool { return len(b.shop().Backups) == 1 && b.shop().Busy == nil })
	b.SetPolicy("shop", backup.ActionCreate, backup.Deny)
	b.approve()
	b.until("it is denied", func() bool { return b.shop().Permissions.Policy.Decide(backup.ActionCreate) == backup.Deny })
	b.BackUp("shop", "")
	b.until("a problem", func() bool { return b.shop().Problem != nil && b.shop().Problem.Kind == backup.Refused })
	b.Look(views.Place{Section: views.SectionAudit})
	b.until("the audit log", func() bool { return b.state.Activity != nil && len(b.state.Activity.Audit) > 0 })
	a := b.state.Activity
	if a.Broken != nil || !slices.ContainsFunc(a.Audit, func(e backup.AuditEntry) bool { return e.Decision == backup.Deny && e.Action == backup.ActionCreate }) {
		t.Errorf("broken %+v, log %+v", a.Broken, a.Audit)
	}
}

// TestSwitchOffRestores: the switch holds for the window.
func TestSwitchOffRestores(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.AllowRestore("shop", false)
	b.until("restores are off", func() bool { return !b.shop().AllowRestore })
	b.Restore(views.Restoring{Sandbox: "shop", Backup: id, Target: "shop"})
	b.until("a refusal", func() bool { return b.shop().Problem != nil && b.shop().Problem.Kind == backup.Refused })
	b.engine(func(e *engine.Engine) {
		if all, err := e.Restores(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("restores: %+v %v", all, err)
		}
	})
}
