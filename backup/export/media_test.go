package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/export"
)

// storedFolder is a backup of one folder with a few files.
type storedFolder struct {
	list  bytes.Buffer
	files map[string][]byte
	m     *backup.Manifest
}

func newStoredFolder(t *testing.T) *storedFolder {
	t.Helper()
	s := &storedFolder{files: map[string][]byte{}, m: &backup.Manifest{Version: backup.ManifestVersion, ID: backup.NewID(), Finished: time.Unix(1_800_000_000, 0)}}
	folder := backup.MediaFolder{Name: "files", Path: "/srv/files", Folders: 1, Links: 1}
	add := func(e backup.MediaEntry) {
		e.ModTime = time.Unix(1_700_000_000, 0).UTC()
		if err := json.NewEncoder(&s.list).Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	add(backup.MediaEntry{Path: ".", Type: backup.MediaSubdir, Mode: 0o755})
	r := rand.NewChaCha8([32]byte{1})
	for i := range 20 {
		data := make([]byte, i*5000)
		r.Read(data)
		name := fmt.Sprintf("f%02d", i)
		s.files["media/files/"+name] = data
		folder.Files, folder.Bytes = folder.Files+1, folder.Bytes+int64(len(data))
		add(backup.MediaEntry{Path: name, Type: backup.MediaFile, Mode: 0o640, Size: int64(len(data))})
	}
	add(backup.MediaEntry{Path: "link", Type: backup.MediaLink, Mode: 0o777, Link: "f01"})
	s.m.Media = []backup.MediaFolder{folder}
	return s
}

func (s *storedFolder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	if name == "media-lists/files.jsonl" {
		return io.NopCloser(bytes.NewReader(s.list.Bytes())), nil
	}
	data, has := s.files[name]
	if !has {
		return nil, backup.Errorf(backup.Damaged, "", "no part %s", name)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// fullAfter is a disk with so much room; what is written later fails.
type fullAfter struct {
	to   io.Writer
	room int
}

var errFull = errors.New("no space left")

func (w *fullAfter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n, _ := w.to.Write(p[:w.room])
		w.room = 0
		return n, errFull
	}
	w.room -= len(p)
	return w.to.Write(p)
}

// TestMediaOnAFullDisk: wherever the disk runs full, also within what closing the archive writes, the
// archive is no success.
func TestMediaOnAFullDisk(t *testing.T) {
	t.Parallel()
	for _, format := range []export.Format{export.FormatMediaTar, export.FormatMediaZip} {
		s := newStoredFolder(t)
		var whole bytes.Buffer
		if _, err := export.Media(t.Context(), format, s.m, s, &whole, nil); err != nil {
			t.Fatal(err)
		}
		size := whole.Len()
		for _, room := range []int{0, 1, 1000, size / 2, size - 2000, size - 100, size - 22, size - 1} {
			if _, err := export.Media(t.Context(), format, s.m, s, &fullAfter{io.Discard, room}, nil); !errors.Is(err, errFull) {
				t.Errorf("%s: with room for %d of %d bytes: %v", format, room, size, err)
			}
		}
	}
}

// TestCheckMedia: what is read back must be all of what was written, sealed or not.
func TestCheckMedia(t *testing.T) {
	t.Parallel()
	for _, format := range []export.Format{export.FormatMediaTar, export.FormatMediaZip} {
		for _, passphrase := range []string{"", "a passphrase of length"} {
			t.Run(string(format)+passphrase, func(t *testing.T) {
				t.Parallel()
				s := newStoredFolder(t)
				f, err := os.Create(filepath.Join(t.TempDir(), "archive"))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				digest := writeArchive(t, format, s, f, passphrase)
				size, err := f.Seek(0, io.SeekEnd)
				if err != nil {
					t.Fatal(err)
				}
				if err := export.CheckMedia(t.Context(), format, f, size, passphrase, digest); err != nil {
					t.Errorf("a whole archive: %v", err)
				}
				if err := export.CheckMedia(t.Context(), format, f, size-30, passphrase, digest); err == nil {
					t.Error("a cut archive passes")
				}
				one := make([]byte, 1)
				if _, err := f.ReadAt(one, size/2); err != nil {
					t.Fatal(err)
				}
				one[0] ^= 0x40
				if _, err := f.WriteAt(one, size/2); err != nil {
					t.Fatal(err)
				}
				if err := export.CheckMedia(t.Context(), format, f, size, passphrase, digest); err == nil || backup.AsError(err).Hint == "" {
					t.Errorf("a damaged archive gives %v", err)
				}
			})
		}
	}
}

func writeArchive(t *testing.T, format export.Format, s *storedFolder, to io.Writer, passphrase string) []byte {
	t.Helper()
	if passphrase == "" {
		digest, err := export.Media(t.Context(), format, s.m, s, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	sealed, err := export.Seal(to, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := export.Media(t.Context(), format, s.m, s, sealed, nil)
	if err := errors.Join(err, sealed.Close()); err != nil {
		t.Fatal(err)
	}
	return digest
}

// TestMediaOfADamagedBackup: a file that is missing or shorter than the list says ends the archive
// as Damaged; a cancel ends it as that.
func TestMediaOfADamagedBackup(t *testing.T) {
	t.Parallel()
	s := newStoredFolder(t)
	s.files["media/files/f10"] = s.files["media/files/f10"][:7]
	_, err := export.Media(t.Context(), export.FormatMediaTar, s.m, s, io.Discard, nil)
	if backup.KindOf(err) != backup.Damaged || !strings.Contains(err.Error(), "f10 has 7 bytes") {
		t.Errorf("a short file gives %v", err)
	}
	delete(s.files, "media/files/f10")
	_, err = export.Media(t.Context(), export.FormatMediaZip, s.m, s, io.Discard, nil)
	if backup.KindOf(err) != backup.Damaged {
		t.Errorf("a missing file gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = export.Media(ctx, export.FormatMediaTar, newStoredFolder(t).m, newStoredFolder(t), io.Discard, nil)
	if backup.KindOf(err) != backup.Cancelled {
		t.Errorf("a cancelled archive gives %v", err)
	}
}
