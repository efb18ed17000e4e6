//go:build unix

package engine

import (
	"context"
	"errors"
	"io"
	"testing"

	"holdfast/backup"
)

// TestDeletedMeanwhile deletes a backup from another process while a person is asked whether it may be
// restored, or written out: it is not there, which is no damage.
func TestDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	a := newArena(t, "CREATE TABLE state AS SELECT 1 AS v")
	for name, use := range map[string]func(e *Engine, ref string) error{
		"restore": func(e *Engine, ref string) error {
			_, err := e.Restore(t.Context(), RestoreRequest{Ref: ref})
			return err
		},
		"download": func(e *Engine, ref string) error {
			_, err := e.Download(t.Context(), DownloadRequest{Ref: ref, Format: "dump", Stdout: io.Discard})
			return err
		},
	} {
		id := a.take()
		o := tortureOptions(a.home(), nil)
		o.Approve = func(context.Context, backup.Prompt) (string, error) {
			a.with(func(other *Engine) {
				_, _, err := other.DeleteBackup(t.Context(), string(id), 0)
				must(t, err)
			})
			return tortureApproval, nil
		}
		e, err := Open(t.Context(), o)
		must(t, err)
		err = errors.Join(use(e, string(id)), e.Close(context.Background()))
		if backup.KindOf(err) != backup.Usage {
			t.Errorf("%s: %s: %v", name, backup.KindOf(err), err)
		}
		a.with(func(e *Engine) {
			b, err := e.ShowBackup(t.Context(), string(id))
			must(t, err)
			if b.Status != backup.StatusDeleted || b.Verdict == backup.Broken {
				t.Errorf("%s: the deleted backup is %s, %s", name, b.Status, b.Verdict)
			}
		})
	}
	if got := a.text("shop", "SELECT sum(v) FROM state"); got != "1" {
		t.Errorf("the live database holds %s", got)
	}
}
