package platform

import (
	"context"
	"os/exec"
)

// Answers says whether the file system at a path answers before ctx ends; that the path is not there is
// an answer too. A process of its own asks: who asks a network mount that fell silent cannot be
// ended until it speaks again.
func Answers(ctx context.Context, path string) bool {
	cmd := exec.Command("stat", "-f", "--", path) // which no cache of the kernel answers
	cmd.Dir = "/"
	if cmd.Start() != nil {
		return true // there is nobody to ask
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // that it ended is the answer
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
		_ = cmd.Process.Kill() // it ends once the file system answers
		return false
	}
}
