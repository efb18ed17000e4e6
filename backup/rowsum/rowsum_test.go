package rowsum

import (
	"bytes"
	"math/big"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"
)

// slowSum computes the sum in the plainest way.
func slowSum(rows []string) string {
	sum := new(big.Int)
	for _, row := range rows {
		h := xxh3.Hash128([]byte(row)).Bytes()
		sum.Add(sum, new(big.Int).SetBytes(h[:]))
	}
	sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 128))
	return strings.Repeat("0", 32-len(sum.Text(16))) + sum.Text(16)
}

func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.StringMatching(`[a-z\\\t]{0,40}`)).Draw(t, "rows")
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		text := []byte(strings.Join(shuffled, "\n"))
		if len(shuffled) > 0 {
			text = append(text, '\n')
		}
		var sum Rows
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			if written, err := sum.Write(rest[:n]); err != nil || written != n {
				t.Fatal(written, err)
			}
			rest = rest[n:]
		}
		if sum.Hex() != slowSum(rows) || sum.Rows() != int64(len(rows)) || sum.Bytes() != int64(len(text)) {
			t.Fatalf("%s, %d rows, %d bytes; want %s", sum.Hex(), sum.Rows(), sum.Bytes(), slowSum(rows))
		}
	})
}

// TestRowsAreFixed holds the hash that stored manifests have.
func TestRowsAreFixed(t *testing.T) {
	var sum Rows
	if got := sum.Hex(); got != strings.Repeat("0", 32) {
		t.Error(got)
	}
	_, _ = sum.Write([]byte("1\ta\n2\t\\N\n2\t\\N\n"))
	if got, want := sum.Hex(), "2e757b412123cf84d0323f59823532f5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBlobs(t *testing.T) {
	content := bytes.Repeat([]byte("abc"), 50000)
	var one, two Blobs
	one.Begin(7)
	one.Contents(content)
	one.Begin(8)
	two.Begin(8)
	two.End()
	two.Begin(7)
	for _, b := range bytes.SplitAfter(content, []byte("b")) {
		two.Contents(b)
	}
	if one.Hex() != two.Hex() || one.Count() != 2 || one.Bytes() != 150000 {
		t.Errorf("%s %s %+v", one.Hex(), two.Hex(), one)
	}
	var other Blobs
	other.Begin(8)
	other.Contents(content)
	other.Begin(7)
	if other.Hex() == one.Hex() {
		t.Error("contents of another object have the same hash")
	}
}
