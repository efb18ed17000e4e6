package tally_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backup/tally"
)

// TestScale fits exponents that are known, and draws a chart.
func TestScale(t *testing.T) {
	for _, want := range []float64{0, 0.5, 1, 2} {
		s := tally.Scale{}
		for _, size := range []float64{1, 10, 100, 1000} {
			s.Points = append(s.Points, tally.Point{Size: size, Took: time.Duration(float64(time.Second) * math.Pow(size, want))})
		}
		if got := s.Exponent(); math.Abs(got-want) > 1e-6 {
			t.Errorf("exponent %v, want %v", got, want)
		}
	}
	file := filepath.Join(t.TempDir(), "scale")
	t.Setenv(tally.ScaleEnv, file)
	s := tally.Scale{What: "first backup", Of: "MB", Points: []tally.Point{
		{Size: 100, Took: time.Second, Memory: 64 << 20}, {Size: 400, Took: 4 * time.Second},
	}}
	s.Report(t)
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = "first backup: time grows as size^1.00\n" +
		"       100 MB                  1.00 s     64 MB  ██████████\n" +
		"       400 MB                  4.00 s            ████████████████████████████████████████\n\n"
	if string(got) != want {
		t.Errorf("wrote\n%swant\n%s", got, want)
	}
}
