//go:build unix

package controller_test

import (
	"testing"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TestLossAndTheWayBack: an alarm, the lost tables restored, the restore undone, the alarm ended.
func TestLossAndTheWayBack(t *testing.T) {
	b := newBench(t)
	good := b.backUp()
	b.sql("shop", "DELETE FROM orders WHERE id > 100")
	b.backUp()
	b.until("the alarm", func() bool { return b.shop().Alarm != nil && b.shop().Health == views.NeedsAttention })
	b.until("one notification of it", func() bool { return len(b.notes) == 1 })
	if a := b.shop().Alarm; a.Good != good || len(a.Losses) != 1 {
		t.Fatalf("alarm: %+v", a)
	}
	b.Restore(views.Restoring{Sandbox: "shop", Backup: good, Tables: []backup.Name{b.shop().Alarm.Losses[0].Table}, Target: "shop"})
	b.approve()
	b.until("the restore", func() bool { return b.shop().Restored != nil && b.shop().Busy == nil })
	r := b.shop().Restored
	if r.Of != good || len(r.Only) != 1 || r.Kept != "" || !r.CanUndo || b.sql("shop", "SELECT count(*) FROM orders") != "1000" {
		t.Errorf("restored: %+v", r)
	}
	b.Undo("shop", r.Restore)
	b.until("the question of the undo", func() bool { return b.question != nil })
	b.approve()
	b.until("the undo", func() bool { return b.shop().Restored != nil && b.shop().Restored.Undone && b.shop().Busy == nil })
	if n := b.sql("shop", "SELECT count(*) FROM orders"); n != "100" {
		t.Errorf("%s orders after the undo", n)
	}
	b.Acknowledge("shop")
	b.until("the alarm ends", func() bool { return b.shop().Alarm == nil })
}

func TestWholeRestoreKeepsWhatItReplaced(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.sql("shop", "DELETE FROM kept")
	b.Restore(views.Restoring{Sandbox: "shop", Backup: id, Target: "shop"})
	b.approve()
	b.until("the restore", func() bool { return b.shop().Restored != nil && b.shop().Busy == nil })
	r := *b.shop().Restored
	if r.Kept == "" || r.Size == 0 || !r.Until.After(r.At) || !r.CanUndo {
		t.Errorf("restored: %+v", r)
	}
	b.Forget(r.Restore)
	b.until("the panel goes", func() bool { return b.shop().Restored == nil })
	b.GiveBack("shop", r.Restore)
	b.until("the question", func() bool { return b.question != nil })
	b.approve()
	b.until("the space is given back", func() bool { return b.shop().Busy == nil && b.question == nil && b.Busy() == 0 })
	if n := b.sql("postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'shop_before%'"); n != "0" {
		t.Errorf("%s replaced databases are left", n)
	}
}

// TestGoOnUnsaved: when the present state cannot be saved, nothing is touched, until a person says
// to go on; then what was replaced is kept without end.
func TestGoOnUnsaved(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.sql("shop", "DELETE FROM kept")
	b.edit("shop", func(s *backup.Sandbox) { s.Before = "exit 1" })
	b.Restore(views.Restoring{Sandbox: "shop", Backup: id, Target: "shop"})
	b.approve()
	b.until("the way out is offered", func() bool { return b.shop().CanGoUnsaved && b.shop().Problem != nil && b.shop().Busy == nil })
	if n := b.sql("shop", "SELECT count(*) FROM kept"); n != "0" {
		t.Errorf("it was restored: %s", n)
	}
	b.GoUnsaved("shop")
	b.until("the question", func() bool { return b.question != nil })
	b.approve()
	b.until("the restore", func() bool { return b.shop().Restored != nil && b.shop().Busy == nil })
	if r := b.shop().Restored; r.Kept == "" || !r.Until.IsZero() || b.shop().CanGoUnsaved {
		t.Errorf("restored: %+v", r)
	}
}

func TestRestoreElsewhere(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.Restore(views.Restoring{Sandbox: "shop", Backup: id, Target: "shop", NewDatabase: "copy"})
	b.approve()
	b.until("the new database", func() bool { return b.shop().Restored != nil && b.shop().Busy == nil })
	if r := b.shop().Restored; r.Database != "copy" || r.CanUndo || b.sql("copy", "SELECT count(*) FROM orders") != "1000" {
		t.Errorf("restored: %+v", r)
	}
	b.sql("blog", "DELETE FROM orders")
	b.Compare("shop", id, "blog")
	b.until("the comparison with another sandbox", func() bool { return b.blog().Compared != nil && b.blog().Busy == nil })
	if c := b.blog().Compared.Result; len(c.Changed()) != 1 || c.Changed()[0].Name != "orders" || c.Changed()[0].RowsNow != 0 {
		t.Errorf("compared: %+v", c)
	}
	b.Restore(views.Restoring{Sandbox: "shop", Backup: id, Target: "blog"})
	b.until("the question", func() bool { return b.question != nil })
	b.approve()
	b.until("blog is replaced", func() bool { return b.blog().Restored != nil && b.blog().Busy == nil })
	if n := b.sql("blog", "SELECT count(*) FROM orders"); n != "1000" {
		t.Errorf("%s orders", n)
	}
}

// TestSections: what a section shows is read when it is looked at.
func TestSections(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.Pin("shop", id, true)
	b.until("the pin", func() bool { return b.shop().Backups[0].Pinned })
	b.Note("shop", id, "keep this")
	b.until("the note", func() bool { return b.shop().Backups[0].Note == "keep this" })
	b.Drill("shop", id)
	b.until("the verdict", func() bool { return b.shop().Backups[0].Verdict == backup.Proven && b.shop().Busy == nil })
	if days := b.shop().Days; len(days) != 30 || days[29].Mark != views.ProvenDay || days[0].Mark != views.NoneDue {
		t.Errorf("days: %+v", days)
	}
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionSchedule})
	b.until("the schedule", func() bool { return b.shop().Schedule != nil && len(b.shop().Schedule.Next) == 5 })
	b.DraftSchedule("shop", "cron 0 25 * * *")
	b.until("a draft that is none", func() bool { return b.shop().Schedule.Draft.Problem != nil })
	b.DraftSchedule("shop", "every 6h")
	b.until("a draft", func() bool { return b.shop().Schedule.Draft.Problem == nil && len(b.shop().Schedule.Draft.Next) == 5 })
	b.SetSchedule("shop", "every 6h")
	b.until("the new schedule", func() bool { return b.shop().Schedule.Text == "every 6h" })
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionRetention})
	b.until("what is kept", func() bool { return b.shop().Retention != nil })
	rules := b.shop().Retention.Rules
	rules.Scheduled = backup.Retention{Daily: 2}
	b.PreviewRetention("shop", rules)
	b.until("the preview", func() bool { return b.shop().Retention.Preview != nil && len(b.shop().Retention.Preview.Fates) == 1 })
	b.SetRetention("shop", rules)
	b.until("what is kept from now on", func() bool { return b.shop().Retention.Rules == rules && b.shop().Keeps == "2 daily" })
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionConnection})
	b.until("the connection", func() bool { return b.shop().Connection != nil && len(b.shop().Connection.Tables) == 2 })
	edited := b.shop().Connection.Sandbox
	edited.Connection.Database = "nowhere"
	b.SaveSandbox(edited, "")
	b.until("it is not saved", func() bool { return len(b.attempts) == 1 && b.attempts[0].Saved && !b.attempts[0].OK })
	edited.Connection.Database, edited.ExcludeTables = "shop", []string{"kept"}
	b.SaveSandbox(edited, "")
	b.until("it is saved", func() bool {
		return len(b.attempts) == 2 && b.attempts[1].OK && len(b.shop().Connection.Sandbox.ExcludeTables) == 1
	})
	b.SetDrill("shop", false)
	b.until("no more drills", func() bool { return !b.shop().Connection.Drill })
	b.RemoveSandbox("blog")
	b.until("blog is removed", func() bool { return len(b.state.Sandboxes) == 1 })
	b.engine(func(e *engine.Engine) {
		if next, err := e.NextSlots("shop", 2); err != nil || next[1].Sub(next[0]).Hours() != 6 {
			t.Errorf("slots: %v %v", next, err)
		}
	})
}
