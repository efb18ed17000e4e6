package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// startTime gives when a process was started, in clock ticks since the machine started. The
// kernel's own number is taken, for times of day move when the clock is set. A process that is
// not there, or has ended, is fs.ErrNotExist.
func startTime(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, syscall.ESRCH) { // it ended while the file was read
		return 0, fs.ErrNotExist
	}
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
	if state := fields[0]; state == "Z" || state == "X" {
		return 0, fs.ErrNotExist
	}
	return strconv.ParseInt(fields[19], 10, 64)
}
