package vault_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
)

// rows gives COPY text of about that many MB, of which half is stored, the same for the same seed.
func rows(seed uint64, megabytes int) []byte {
	var text bytes.Buffer
	var data []byte
	for i := 0; text.Len() < megabytes*mega; i++ {
		if i%1000 == 0 {
			data = noise(seed+uint64(i/1000), 64_000)
		}
		fmt.Fprintf(&text, "%d\t%x\n", i, data[i%1000*64:][:20+i%40])
	}
	return text.Bytes()
}

// TestRowsPutIn inserts one row: what comes after it is known, though it moved.
func TestRowsPutIn(t *testing.T) {
	t.Parallel()
	v := create(t, options(t))
	text := rows(1, 24)
	middle := len(text)/2 + bytes.IndexByte(text[len(text)/2:], '\n') + 1
	first := put(t, v, "shop", map[string][]byte{"data/1.copy": text})
	changed := map[string][]byte{"data/1.copy": bytes.Join([][]byte{text[:middle], []byte("a new row\n"), text[middle:]}, nil)}
	second := put(t, v, "shop", changed)
	t.Logf("stored %d KB, then %d KB", first.AddedBytes>>10, second.AddedBytes>>10)
	if second.AddedBytes > 3*mega || first.AddedBytes < 10*mega {
		t.Errorf("stored %d bytes, and after one row was put in %d", first.AddedBytes, second.AddedBytes)
	}
	changed["data/1.copy"] = append([]byte("the first row\n"), changed["data/1.copy"]...)
	third := put(t, v, "shop", changed)
	if third.AddedBytes > 3*mega {
		t.Errorf("stored %d bytes after one row was put before all others", third.AddedBytes)
	}
	same(t, v, third.Manifest.ID, changed)
}

// TestDigitsAreStoredAsBytes stores the text that COPY gives for a bytea, which has no repetitions but
// 16 characters only.
func TestDigitsAreStoredAsBytes(t *testing.T) {
	t.Parallel()
	v := create(t, options(t))
	var text bytes.Buffer
	for i := range 200 {
		fmt.Fprintf(&text, "%d\t\\\\x%s\n", i, hex.EncodeToString(noise(uint64(i), 20_000)))
	}
	parts := map[string][]byte{"data/1.copy": text.Bytes()}
	stored := put(t, v, "shop", parts)
	t.Logf("%d KB of text are stored in %d KB", text.Len()>>10, stored.AddedBytes>>10)
	if stored.AddedBytes > int64(text.Len())*55/100 {
		t.Errorf("%d bytes of text are stored in %d", text.Len(), stored.AddedBytes)
	}
	same(t, v, stored.Manifest.ID, parts)
}

// TestHugeRows stores rows that are longer than any content.
func TestHugeRows(t *testing.T) {
	t.Parallel()
	v := create(t, options(t))
	one := append(bytes.ReplaceAll(noise(1, 9*mega), []byte("\n"), nil), '\n')
	two := append(bytes.ReplaceAll(noise(2, 5*mega), []byte("\n"), nil), '\n')
	parts := map[string][]byte{
		"data/1.copy": bytes.Join([][]byte{one, two, []byte("short\n")}, nil),
		"data/2.copy": one[:len(one)-1], // no newline at all
		"data/3.copy": []byte("\n"),
	}
	stored := put(t, v, "shop", parts)
	same(t, v, stored.Manifest.ID, parts)
	turned := map[string][]byte{"data/1.copy": bytes.Join([][]byte{[]byte("new\n"), two, []byte("short\n"), one}, nil)}
	if again := put(t, v, "shop", turned); again.AddedBytes > 3*mega {
		t.Errorf("huge rows that moved are stored again: %d bytes", again.AddedBytes)
	}
}
