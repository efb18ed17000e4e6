package platform

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"strconv"

	"github.com/shirou/gopsutil/v4/host"
)

// Process tells one process from every other one, also from a later one with the same number.
type Process struct {
	Host    string
	Boot    string // identifies this start of the machine
	PID     int
	Started int64 // in the system's own units; does not move with the clock
}

// Self names this process.
func Self() Process {
	p := Process{Host: hostName(), Boot: boot(), PID: os.Getpid()}
	p.Started, _ = startTime(p.PID) // 0 when the system does not say: then the number alone decides
	return p
}

// Alive says whether p still runs. known is false when that cannot be told from here: p ran on
// another machine, or the system does not say. One that ended counts as gone, also while its
// parent has not asked for its exit code.
func Alive(p Process) (alive, known bool) {
	if p.Host != hostName() {
		return false, false
	}
	if p.Boot != boot() {
		return false, true
	}
	started, err := startTime(p.PID)
	if err != nil {
		return false, errors.Is(err, fs.ErrNotExist)
	}
	return p.Started == 0 || started == p.Started, true
}

func boot() string {
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil && len(id) >= 36 {
		return string(id[:36])
	}
	at, err := host.BootTime()
	if err != nil {
		return ""
	}
	return strconv.FormatUint(at, 10)
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// User names who runs this process, as user@host.
func User() string {
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return name + "@" + hostName()
}
