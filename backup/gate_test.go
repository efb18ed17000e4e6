package backup_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"holdfast/backup"
)

// bench is a gate with a clock that the test moves and an audit log that it reads.
type bench struct {
	gate *backup.Gate
	now  time.Time
	log  []backup.AuditEntry
}

func newBench() *bench {
	b := &bench{now: time.Date(2026, 4, 8, 14, 30, 0, 0, time.UTC)}
	b.gate = &backup.Gate{
		Approve: func(context.Context, backup.Prompt) (string, error) { return "right", nil },
		Verify: func(_ context.Context, passphrase string) error {
			if passphrase != "right" {
				return backup.Errorf(backup.Refused, "", "the approval passphrase is wrong")
			}
			return nil
		},
		Audit: func(_ context.Context, e backup.AuditEntry) error { b.log = append(b.log, e); return nil },
		Now:   func() time.Time { return b.now },
	}
	return b
}

func request(a backup.Action) backup.Request {
	return backup.Request{Op: "restore shop", Action: a, Sandbox: "shop", Who: "ada@desk"}
}

func TestDefaultPolicyAsksForWhatCannotBeTakenBack(t *testing.T) {
	want := map[backup.Action]backup.Decision{
		backup.ActionRead: backup.Allow, backup.ActionCreate: backup.Allow, backup.ActionUpdate: backup.Allow,
		backup.ActionDelete: backup.Ask, backup.ActionExport: backup.Ask, backup.ActionDBFull: backup.Ask,
		"something.else": backup.Deny,
	}
	for action, decision := range want {
		if got := backup.DefaultPolicy().Decide(action); got != decision {
			t.Errorf("%s: %s, want %s", action, got, decision)
		}
	}
}

func TestFullAccessIsNeverAllowedWithoutAsking(t *testing.T) {
	policy := backup.Policy{backup.ActionDBFull: backup.Allow}
	if got := policy.Decide(backup.ActionDBFull); got != backup.Ask {
		t.Errorf("db_full allowed by policy gives %s, want ask", got)
	}
}

func TestWrongPassphraseIsRefusedAndAudited(t *testing.T) {
	b := newBench()
	b.gate.Approve = func(context.Context, backup.Prompt) (string, error) { return "wrong", nil }
	_, err := b.gate.Request(context.Background(), request(backup.ActionDBFull))
	if backup.KindOf(err) != backup.Refused || err.Error() != "restore shop: the approval passphrase is wrong" {
		t.Errorf("got %v", err)
	}
	if len(b.log) != 1 || b.log[0].Decision != backup.Deny || b.log[0].Outcome == "" {
		t.Errorf("audit log: %+v", b.log)
	}
}

func TestNobodyToAskIsRefused(t *testing.T) {
	b := newBench()
	unattended := request(backup.ActionDBFull)
	unattended.Unattended = true
	if _, err := b.gate.Request(context.Background(), unattended); backup.KindOf(err) != backup.Refused {
		t.Errorf("unattended: %v", err)
	}
	b.gate.Approve = nil
	if _, err := b.gate.Request(context.Background(), request(backup.ActionDBFull)); backup.KindOf(err) != backup.Refused {
		t.Errorf("without an approver: %v", err)
	}
}

func TestGrantIsUsedOnceAndEnds(t *testing.T) {
	b := newBench()
	grant, err := b.gate.Request(context.Background(), request(backup.ActionDBFull))
	if err != nil {
		t.Fatal(err)
	}
	if err := grant.Use(); err != nil {
		t.Fatal(err)
	}
	if err := grant.Use(); backup.KindOf(err) != backup.Refused {
		t.Errorf("second use: %v", err)
	}
	late, err := b.gate.Request(context.Background(), request(backup.ActionDBFull))
	if err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(backup.GrantLife + time.Second)
	if err := late.Use(); backup.KindOf(err) != backup.Refused {
		t.Errorf("late use: %v", err)
	}
}

func TestWithoutAuditLogNothingIsApproved(t *testing.T) {
	b := newBench()
	b.gate.Audit = func(context.Context, backup.AuditEntry) error { return errors.New("disk full") }
	if _, err := b.gate.Request(context.Background(), request(backup.ActionCreate)); backup.KindOf(err) != backup.Refused {
		t.Errorf("got %v", err)
	}
}

func TestOutcomeIsAudited(t *testing.T) {
	b := newBench()
	grant, err := b.gate.Request(context.Background(), request(backup.ActionCreate))
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("boom")
	if got := grant.Outcome(context.Background(), cause); !errors.Is(got, cause) {
		t.Errorf("outcome hides the cause: %v", got)
	}
	if last := b.log[len(b.log)-1]; last.Outcome != "boom" || last.Decision != "" {
		t.Errorf("audit entry: %+v", last)
	}
}
