package views_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// silentFolder is one on a disk that does not answer.
type silentFolder struct {
	fs.Inode
	answers chan struct{}
}

// Readdir is the file system's callback.
func (f *silentFolder) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	<-f.answers
	return fs.NewListDirStream(nil), 0
}

// TestASilentFolderDoesNotStopTheWindow: what a disk is asked that fell silent, the window does not wait for.
func TestASilentFolderDoesNotStopTheWindow(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a disk that falls silent can only be mounted by root")
	}
	s, home := choosing(t)
	silent := &silentFolder{answers: make(chan struct{})}
	at := filepath.Join(home, "uploads", "2026")
	mounted, err := fs.Mount(at, silent, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true}})
	if err != nil {
		t.Skipf("a disk that falls silent needs FUSE, which is not to be had here: %v", err)
	}
	speak := sync.OnceFunc(func() { close(silent.answers) })
	waiting := time.AfterFunc(10*time.Second, speak) // a window that waits for it would wait for ever
	t.Cleanup(func() {
		waiting.Stop()
		speak()
		if err := mounted.Unmount(); err != nil {
			t.Error(err)
		}
	})
	s.entry("/home/me").SetText(at)
	s.field("/home/me").TypedKey(key(fyne.KeyReturn))
	s.sees("This folder has not answered yet.", "code", "uploads")
	s.press(fyne.KeyEscape)
	s.seesNo("Choose a folder")
}
