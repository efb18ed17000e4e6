//go:build !linux

package platform

import (
	"errors"
	"io/fs"

	"github.com/shirou/gopsutil/v4/process"
)

// startTime gives when a process was started, in milliseconds since the epoch. A process that is
// not there is fs.ErrNotExist.
func startTime(pid int) (int64, error) {
	p, err := process.NewProcess(int32(pid)) //nolint:gosec // process numbers fit
	if errors.Is(err, process.ErrorProcessNotRunning) {
		return 0, fs.ErrNotExist
	}
	if err != nil {
		return 0, err
	}
	return p.CreateTime()
}
