//go:build !linux

package platform

import "github.com/shirou/gopsutil/v4/process"

// startTime gives when a process was started, in milliseconds since the epoch.
func startTime(pid int) (int64, error) {
	p, err := process.NewProcess(int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return 0, err
	}
	return p.CreateTime()
}
