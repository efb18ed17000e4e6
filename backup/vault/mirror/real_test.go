package mirror_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestTamperedFileAtAServerIsNamed changes one byte of a file behind the back of servers that people run.
func TestTamperedFileAtAServerIsNamed(t *testing.T) {
	t.Parallel()
	servers := map[string]func(dir string) mirrortest.Place{}
	if program, missing := mirrortest.SSHD(t); missing == "" {
		servers["openssh"] = func(dir string) mirrortest.Place { return mirrortest.OpenSSH(t, program, dir) }
	}
	if program, missing := mirrortest.Gateway(t); missing == "" {
		servers["versitygw"] = func(dir string) mirrortest.Place { return mirrortest.VersityGW(t, program, dir) }
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			v, s := newVault(t), connect(t, start(dir), mirror.Options{Create: true})
			put(t, v, noise(4, 2<<20))
			newHome(v).sync(t, v, s)
			tampered := tamper(t, dir)
			_, err := mirror.Check(t.Context(), s, testKey, time.Now, nil)
			fails(t, err, backup.Damaged, tampered)
		})
	}
}

// tamper changes a byte of the largest file below a folder, and gives the end of its blob's name.
func tamper(t *testing.T, dir string) string {
	t.Helper()
	var largest string
	var size int64
	ok(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() > size {
			largest, size = path, info.Size()
		}
		return err
	}))
	f, err := os.OpenFile(largest, os.O_RDWR, 0)
	ok(t, err)
	one := make([]byte, 1)
	_, err = f.ReadAt(one, size/2)
	ok(t, err)
	one[0] ^= 1
	_, err = f.WriteAt(one, size/2)
	ok(t, err)
	ok(t, f.Close())
	return strings.TrimSuffix(filepath.Base(largest), ".f")
}
