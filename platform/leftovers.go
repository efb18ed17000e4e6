package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// temporaryPrefix begins the name of every file that is being written here.
const temporaryPrefix = ".holdfast-"

// temporaryPattern names the temporary files of a process so that a later one can tell whether it
// still runs: host and boot as digests, number and start of the process.
func temporaryPattern(p Process) string {
	return fmt.Sprintf("%s%s-%s-%d-%d-*", temporaryPrefix, short(p.Host), short(p.Boot), p.PID, p.Started)
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// RemoveLeftovers removes from a folder the temporary files of processes of this machine that are
// gone, which only kill -9 or a power cut leave. It gives how many. Files of others, and those of
// processes that run, stay.
func RemoveLeftovers(dir string) (removed int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !leftover(e.Name()) {
			continue
		}
		switch removeErr := os.Remove(filepath.Join(dir, e.Name())); {
		case removeErr == nil:
			removed++
		case !errors.Is(removeErr, fs.ErrNotExist):
			err = errors.Join(err, removeErr)
		}
	}
	return removed, err
}

// leftover says whether a name is that of a temporary file whose process is gone.
func leftover(name string) bool {
	rest, ours := strings.CutPrefix(name, temporaryPrefix)
	fields := strings.Split(rest, "-")
	if !ours || len(fields) != 5 || fields[0] != short(hostName()) {
		return false
	}
	pid, err := strconv.Atoi(fields[2])
	started, err2 := strconv.ParseInt(fields[3], 10, 64)
	if err != nil || err2 != nil {
		return false
	}
	p := Process{Host: hostName(), Boot: boot(), PID: pid, Started: started}
	if fields[1] != short(p.Boot) {
		return true // before the machine started
	}
	alive, known := Alive(p)
	return known && !alive
}
