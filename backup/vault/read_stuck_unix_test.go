//go:build unix

package vault_test

import (
	"context"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"holdfast/backup"
)

// A place that does not answer any more must not hold up a cancel. Whoever opens a pipe waits until
// somebody writes into it.
func TestReadEndsWithItsContextWhereThePlaceIsStuck(t *testing.T) {
	o := options(t)
	v := create(t, o)
	id := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, 12*mega)}).Manifest.ID
	r, err := v.Read(t.Context(), id, 0)
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	in, err := r.Open(ctx, "data/1.copy")
	ok(t, err)
	pipes := blobs(t, o.Path, "p")
	for _, path := range pipes {
		ok(t, os.Rename(path, path+".away"))
		ok(t, syscall.Mkfifo(path, 0o600))
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, in)
		ended <- err
	}()
	time.Sleep(200 * time.Millisecond) // for what is read ahead to come to a pipe
	cancel()
	select {
	case err := <-ended:
		if backup.KindOf(err) != backup.Cancelled {
			t.Errorf("the cancelled read says %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the cancelled read goes on")
	}
	for _, path := range pipes {
		if pipe, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil { // somebody waits
			ok(t, pipe.Close())
		}
		ok(t, os.Rename(path+".away", path))
	}
	ok(t, in.Close())
	ok(t, r.Close())
}
