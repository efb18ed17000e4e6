package tally_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup/tally"
)

// TestFigure writes a row and judges its value.
func TestFigure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "table")
	t.Setenv(tally.FigureEnv, file)
	for _, f := range []tally.Figure{
		{What: "a", Ours: "1.00 s", Peer: "4.00 s", Value: 0.25, Low: 0.2, High: 0.3, Must: 0.35, Goal: 0.20},
		{What: "b", Value: 0.2, Must: 0.35, Goal: 0.20},
		{What: "c", Value: 251, Unit: " MB", Must: 250, Goal: 128},
		{What: "d", Value: 60.3, Unit: " MB"},
	} {
		f.Report(t)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = "a\t1.00 s\t4.00 s\t0.25\t(0.20 to 0.30)\t≤ 0.35\t≤ 0.20\tok\n" +
		"b\t-\t-\t0.20\t-\t≤ 0.35\t≤ 0.20\tgoal\n" +
		"c\t-\t-\t251 MB\t-\t≤ 250 MB\t≤ 128 MB\tMISSED\n" +
		"d\t-\t-\t60.30 MB\t-\t-\t-\t-\n"
	if string(got) != want {
		t.Errorf("wrote\n%swant\n%s", got, want)
	}
}
