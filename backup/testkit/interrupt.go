package testkit

import (
	"os"
	"os/signal"
	"testing"
)

// Interruptible lets what the test starts from now on heed SIGINT, also where the tests were started with it
// ignored, as in the background of a script: children inherit that, and Holdfast respects it.
func Interruptible(t testing.TB) {
	t.Helper()
	if !signal.Ignored(os.Interrupt) {
		return
	}
	handled := make(chan os.Signal, 1) // what is handled here begins anew in a child
	signal.Notify(handled, os.Interrupt)
	t.Cleanup(func() { signal.Stop(handled) })
}
