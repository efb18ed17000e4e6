//go:build unix

package controller_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestNothingRunsOnAfterTheWindow: after a backup, and in the middle of another one, the window closes. No
// goroutine of the controller's, or of what it opened, is left.
func TestNothingRunsOnAfterTheWindow(t *testing.T) {
	before := goleak.IgnoreCurrent() // importing Fyne starts one
	t.Run("a window", func(t *testing.T) {
		b := newBench(t)
		id := b.backUp()
		b.Compare("shop", id, "shop")
		b.held("shop")
		b.until("the hook", func() bool { return b.shop().Busy == nil })
		b.BackUp("shop", "")
		b.until("a backup that runs", func() bool { return b.shop().Busy != nil })
	})
	goleak.VerifyNone(t, before)
}
