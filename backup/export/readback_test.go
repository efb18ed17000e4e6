package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/export"
)

// TestWrittenFileIsReadBack spoils a script that was written, sealed and not: nothing of that passes.
func TestWrittenFileIsReadBack(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("COPY t FROM stdin;\n1\n\\.\n", 5000))
	digest := sha256.Sum256(text)
	for _, passphrase := range []string{"", "four quiet words here"} {
		written := bytes.Clone(text)
		if passphrase != "" {
			var sealed bytes.Buffer
			w, err := export.Seal(&sealed, passphrase)
			if err == nil {
				_, err = w.Write(text)
			}
			if err == nil {
				err = w.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			written = sealed.Bytes()
		}
		check := func(ctx context.Context, f export.Format, file []byte) error {
			return export.CheckFile(ctx, f, &backup.Manifest{}, io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file))), int64(len(file)), passphrase, digest[:], nil)
		}
		if err := check(t.Context(), export.FormatSQL, written); err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(written)
		flipped[len(flipped)-10] ^= 1
		spoils := map[string][]byte{"flipped": flipped}
		if passphrase == "" { // opening a sealed one takes its time
			spoils["cut"], spoils["empty"], spoils["longer"] = written[:len(written)-1], nil, append(bytes.Clone(written), 'x')
		}
		for what, spoiled := range spoils {
			if err := check(t.Context(), export.FormatSQL, spoiled); backup.KindOf(err) != backup.Failed {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := check(t.Context(), export.FormatDump, written); backup.KindOf(err) != backup.Failed {
			t.Errorf("a script passes for an archive: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := check(ctx, export.FormatSQL, written); backup.KindOf(err) != backup.Cancelled {
			t.Errorf("cancelled: %v", err)
		}
	}
}
