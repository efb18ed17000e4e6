package platform

import (
	"fmt"
	"os"
	"strings"

	"github.com/shirou/gopsutil/v4/process"
)

// maxAncestors bounds how far Ancestors looks up.
const maxAncestors = 6

// Ancestors names the processes that this one descends from, the nearest first and each with its
// ID: "bash (812) < node (700) < gnome-terminal-server (511)". The first process of the system is
// left out. It is empty where the system does not tell.
//
// Hazard: only names, which any process can choose freely, and no arguments, which may hold secrets.
func Ancestors() string {
	var names []string
	for pid := int32(os.Getppid()); pid > 1 && len(names) < maxAncestors; {
		p, err := process.NewProcess(pid)
		if err != nil {
			break
		}
		name, err := p.Name()
		if err != nil {
			break
		}
		names = append(names, fmt.Sprintf("%s (%d)", name, pid))
		if pid, err = p.Ppid(); err != nil {
			break
		}
	}
	return strings.Join(names, " < ")
}
