package postgres

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

func TestRowSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.StringMatching(`[a-z\\\t]{0,40}`)).Draw(t, "rows")
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		text := []byte(strings.Join(shuffled, "\n"))
		if len(shuffled) > 0 {
			text = append(text, '\n')
		}
		var sum rowSum
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

// TestRowSumIsFixed holds the hash that stored manifests have.
func TestRowSumIsFixed(t *testing.T) {
	var sum rowSum
	if got := sum.Hex(); got != strings.Repeat("0", 32) {
		t.Error(got)
	}
	_, _ = sum.Write([]byte("1\ta\n2\t\\N\n2\t\\N\n"))
	if got, want := sum.Hex(), "2e757b412123cf84d0323f59823532f5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBlobSum(t *testing.T) {
	content := bytes.Repeat([]byte("abc"), 50000)
	var one, two blobSum
	one.begin(7)
	one.contents(content)
	one.begin(8)
	two.begin(8)
	two.end()
	two.begin(7)
	for _, b := range bytes.SplitAfter(content, []byte("b")) {
		two.contents(b)
	}
	if one.hex() != two.hex() || one.count != 2 || one.bytes != 150000 {
		t.Errorf("%s %s %+v", one.hex(), two.hex(), one)
	}
	var other blobSum
	other.begin(8)
	other.contents(content)
	other.begin(7)
	if other.hex() == one.hex() {
		t.Error("contents of another object have the same hash")
	}
}

func TestTail(t *testing.T) {
	var small tail
	_, _ = small.Write([]byte("short"))
	if small.String() != "short" {
		t.Error(small.String())
	}
	var big tail
	for range 100 {
		_, _ = big.Write(bytes.Repeat([]byte("m"), 1000))
	}
	_, _ = big.Write([]byte("the end"))
	text := big.String()
	if len(text) > 2*keptBytes+100 || !strings.HasSuffix(text, "the end") || !strings.Contains(text, "67239 bytes left out") {
		t.Errorf("%d bytes: …%s", len(text), text[len(text)-20:])
	}
	if got := lastLines("a\n\n b \nc\n", 2); got != "b; c" {
		t.Error(got)
	}
}
