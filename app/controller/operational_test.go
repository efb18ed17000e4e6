//go:build unix

package controller_test

import (
	"fmt"
	"slices"
	"testing"

	"holdfast/backup"
	"holdfast/views"
)

// TestTablesOfPrograms: what programs write for themselves is found in databases of this machine, and at
// an address; the backups of what is added have their definitions alone.
func TestTablesOfPrograms(t *testing.T) {
	b := newFirstRun(t)
	b.sql("shop", "CREATE TABLE sessions AS SELECT 1 AS id; CREATE SCHEMA queue; CREATE TABLE queue.good_jobs AS SELECT 1 AS id")
	b.sql("blog", "CREATE TABLE audit_logs AS SELECT 1 AS id")
	b.Discover("")
	b.until("the tables", func() bool {
		return slices.ContainsFunc(b.state.Discovery.Found, func(f views.Found) bool {
			return f.Name == "shop" && slices.Equal(f.Operational, []string{"public.sessions", "queue.good_jobs"})
		})
	})
	b.MakeVault(b.dir+"/vault", phrase, []views.Chosen{{Name: "shop", LeaveOut: []string{"queue.good_jobs"}}}, false)
	b.until("the first backup", func() bool { return len(b.state.Sandboxes) == 1 && b.shop().Busy == nil && len(b.shop().Backups) == 1 })
	leftOut := func(s func() views.Sandbox, want ...string) {
		t.Helper()
		b.Choose(s().Name, s().Backups[0].ID)
		b.until("its tables", func() bool { return s().Details != nil })
		var got []string
		for _, table := range s().Details.Tables {
			if table.Excluded {
				got = append(got, table.Schema+"."+table.Name)
			}
		}
		if s().Backups[0].Status != backup.StatusCompleted || !slices.Equal(got, want) {
			t.Errorf("%s, without %q; want %q", s().Backups[0].Status, got, want)
		}
	}
	leftOut(b.shop, "queue.good_jobs")

	c := b.server.Connection("blog")
	url := fmt.Sprintf("postgres://%s@/blog?host=%s&port=%d", c.User, c.Host, c.Port)
	b.AddSandbox("blog", url, "")
	b.until("a question about them", func() bool { return len(b.attempts) == 1 })
	if a := b.attempts[0]; !a.OK || !slices.Equal(a.Asks, []string{"public.audit_logs"}) || len(b.state.Sandboxes) != 1 {
		t.Errorf("asked: %+v; %d sandboxes", a, len(b.state.Sandboxes))
	}
	b.AddWithout("blog", url, "", []string{"public.audit_logs"})
	b.until("its first backup", func() bool { return len(b.state.Sandboxes) == 2 && b.blog().Busy == nil && len(b.blog().Backups) == 1 })
	leftOut(b.blog, "public.audit_logs")
}
