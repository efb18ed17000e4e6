package tally

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// FigureEnv names the file that figures are added to; without it they are logged only.
const FigureEnv = "HOLDFAST_BENCH_TABLE"

// Figure is one row of the table that `make bench` prints: a value that is to be small.
type Figure struct {
	What       string
	Ours, Peer string  // in words, such as "2.31 s"; Peer may be ""
	Value      float64 // what is judged: a ratio, or a size or time in Unit
	Unit       string  // "" for a ratio
	Low, High  float64 // of the runs; both 0 for a single one
	Must, Goal float64 // 0: none
}

// Report logs a figure and adds it to the table.
func (f Figure) Report(t testing.TB) {
	t.Helper()
	t.Log(f.String())
	file := os.Getenv(FigureEnv)
	if file == "" {
		return
	}
	if err := add(file, strings.Join(f.columns(), "\t")); err != nil {
		t.Errorf("the row of %s is not written: %v", f.What, err)
	}
}

func (f Figure) String() string {
	c := f.columns()
	return fmt.Sprintf("%-48s %22s %22s   %s %s; must %s, goal %s: %s", c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7])
}

// columns are what, ours, peer, value, spread, must, goal, verdict.
func (f Figure) columns() []string {
	spread := ""
	if f.High > 0 {
		spread = fmt.Sprintf("(%s to %s)", trim(f.Low), trim(f.High))
	}
	return []string{f.What, dash(f.Ours), dash(f.Peer), trim(f.Value) + f.Unit, dash(spread), f.limit(f.Must), f.limit(f.Goal), f.verdict()}
}

func (f Figure) limit(most float64) string {
	if most == 0 {
		return "-"
	}
	return "≤ " + trim(most) + f.Unit
}

func (f Figure) verdict() string {
	switch {
	case f.Must == 0 && f.Goal == 0:
		return "-"
	case f.Goal > 0 && f.Value <= f.Goal:
		return "goal"
	case f.Must == 0 || f.Value <= f.Must:
		return "ok"
	}
	return "MISSED"
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// trim writes a number with two decimals, or none when it is large.
func trim(n float64) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

// add appends a line to a file.
func add(file, line string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		return err
	}
	return f.Close()
}
