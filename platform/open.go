package platform

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// openTime is how long Open waits for the desktop to say that it cannot.
const openTime = 5 * time.Second

// Open shows a file or a folder with the program that the desktop has for it, which goes on without
// us. A path that is not there, and a desktop that has no such program or says so within openTime, is an
// error.
func Open(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	words := append(opener(), path)
	cmd := exec.Command(words[0], words[1:]...) // it outlives ctx
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	wait := time.NewTimer(openTime)
	defer wait.Stop()
	select {
	case err := <-ended:
		return err
	case <-wait.C: // it waits for what it has opened
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// opener is the desktop's own command for that.
func opener() []string {
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	return []string{"xdg-open"}
}
