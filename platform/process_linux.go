package platform

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// startTime gives when a process was started, in clock ticks since the machine started. The
// kernel's own number is taken, for times of day move when the clock is set.
func startTime(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the program's name in brackets and may hold anything; the start time
	// is the 20th field after it, see proc(5).
	_, rest, found := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 {
		return 0, fmt.Errorf("/proc/%d/stat is not understood", pid)
	}
	return strconv.ParseInt(fields[19], 10, 64)
}
