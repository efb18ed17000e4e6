package tally

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// ScaleEnv names the file that scales are added to; without it they are logged only.
const ScaleEnv = "HOLDFAST_BENCH_SCALE"

// Scale is what a figure does while something grows: a chart, and an exponent.
type Scale struct {
	What   string // that took the time
	Of     string // that grows, with its unit, such as "MB of rows"
	Points []Point
}

// Point is one measurement.
type Point struct {
	Size   float64 // of what grows; above 0
	Took   time.Duration
	Memory int64 // the most that the process held, bytes; 0 where it was not measured
}

// Exponent is the slope of the straight line through the logarithms of size and time, by least
// squares: 1 is time in proportion, 0 is time that does not grow. It needs two sizes at least.
func (s *Scale) Exponent() float64 {
	var n, x, y, xx, xy float64
	for _, p := range s.Points {
		lx, ly := math.Log(p.Size), math.Log(p.Took.Seconds())
		n, x, y, xx, xy = n+1, x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// barWidth is how many characters the longest bar of a chart has.
const barWidth = 40

// String draws the chart: a line per point.
func (s *Scale) String() string {
	var longest time.Duration
	for _, p := range s.Points {
		longest = max(longest, p.Took)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: time grows as size^%.2f\n", s.What, s.Exponent())
	for _, p := range s.Points {
		memory := ""
		if p.Memory > 0 {
			memory = fmt.Sprintf("%4d MB", p.Memory>>20)
		}
		bar := strings.Repeat("█", max(1, int(math.Round(barWidth*p.Took.Seconds()/longest.Seconds()))))
		fmt.Fprintf(&b, "  %8.0f %-14s %9.2f s  %8s  %s\n", p.Size, s.Of, p.Took.Seconds(), memory, bar)
	}
	return b.String()
}

// Report logs the chart and adds it to those that `make bench` prints.
func (s *Scale) Report(t testing.TB) {
	t.Helper()
	t.Log("\n" + s.String())
	file := os.Getenv(ScaleEnv)
	if file == "" {
		return
	}
	if err := add(file, s.String()); err != nil {
		t.Errorf("the chart of %s is not written: %v", s.What, err)
	}
}
