package vault

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// cutAll cuts text that comes in calls of these lengths, the last one again and again.
func cutAll(text []byte, calls []int) [][]byte {
	var c cutter
	var all [][]byte
	var one []byte
	for i := 0; len(text) > 0; i++ {
		call := text[:min(len(text), calls[min(i, len(calls)-1)])]
		text = text[len(call):]
		for len(call) > 0 {
			n, end := c.next(call)
			one = append(one, call[:n]...)
			if call = call[n:]; end {
				all, one = append(all, one), nil
			}
		}
	}
	if one != nil {
		all = append(all, one)
	}
	return all
}

// someRows gives rows whose lengths are below most, the same for the same seed.
func someRows(seed uint64, count, most int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var text []byte
	for range count {
		for range r.IntN(most) / 16 {
			text = strconv.AppendUint(text, r.Uint64(), 16)
		}
		text = append(text, '\n')
	}
	return text
}

// TestCutter cuts texts of short, long and huge rows, given in calls of any length.
func TestCutter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for range rapid.IntRange(1, 4).Draw(t, "stretches") {
			most := rapid.SampledFrom([]int{20, 300, 100_000, 700_000, 5_000_000}).Draw(t, "longest row")
			text = append(text, someRows(rapid.Uint64().Draw(t, "seed"), 1+3_000_000/most, most)...)
		}
		text = text[:len(text)-rapid.IntRange(0, 30).Draw(t, "short of the end")%len(text)]
		all := cutAll(text, []int{len(text)})
		other := cutAll(text, rapid.SliceOfN(rapid.IntRange(1, 400_000), 1, 20).Draw(t, "calls"))
		if !bytes.Equal(bytes.Join(all, nil), text) || len(all) != len(other) {
			t.Fatalf("%d and %d contents, or other bytes", len(all), len(other))
		}
		row := 0 // bytes of the row that is not complete
		for i, one := range all {
			if !bytes.Equal(one, other[i]) {
				t.Fatalf("content %d depends on the calls", i)
			}
			rest := one[bytes.LastIndexByte(one, '\n')+1:]
			huge := bytes.IndexByte(one, '\n') == len(one)-1 && row+len(one) >= leastPiece
			switch {
			case len(one) > mostPiece:
				t.Fatalf("content %d has %d bytes", i, len(one))
			case i == len(all)-1:
			case len(one) < leastPiece && !huge:
				t.Fatalf("content %d has %d bytes", i, len(one))
			}
			if row += len(rest); len(rest) < len(one) {
				row = len(rest)
			}
			if i < len(all)-1 && row%rowPiece != 0 && len(one) < mostPiece {
				t.Fatalf("content %d ends in a row", i)
			}
		}
	})
}

// TestCutterFindsItsWay puts rows in, drops some and moves some: other contents stay what they are.
func TestCutterFindsItsWay(t *testing.T) {
	for _, most := range []int{100, 2_000, 60_000, 3_000_000} {
		text := someRows(uint64(most), 48<<20/most*2, most)
		row := func(at int) int { return at + bytes.IndexByte(text[at:], '\n') + 1 }
		third, half := row(len(text)/3), row(len(text)/2)
		for what, changed := range map[string][]byte{
			"one row before all":     append([]byte("new\n"), text...),
			"one row in the middle":  bytes.Join([][]byte{text[:half], []byte("new\n"), text[half:]}, nil),
			"a row dropped":          bytes.Join([][]byte{text[:half], text[row(half):]}, nil),
			"the first third behind": bytes.Join([][]byte{text[third:], text[:third]}, nil),
		} {
			known := map[string]bool{}
			for _, one := range cutAll(text, []int{len(text)}) {
				known[string(one)] = true
			}
			added, all := 0, cutAll(changed, []int{len(text)})
			for _, one := range all {
				if !known[string(one)] {
					added += len(one)
				}
			}
			t.Logf("rows below %d, %s: %d contents of %d KB on average, %d KB new", most, what, len(all), len(text)/len(all)>>10, added>>10)
			if added > 7<<20 {
				t.Errorf("rows below %d, %s: %d KB of %d KB are new", most, what, added>>10, len(text)>>10)
			}
		}
	}
}
