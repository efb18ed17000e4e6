//go:build unix

package engine

import (
	"testing"

	"go.uber.org/goleak"
)

// TestCloseEndsAll: after every kind of work and Close, no goroutine of the engine's is left. Only what runs
// beside it would hide one: it is not parallel.
func TestCloseEndsAll(t *testing.T) {
	a := newTorture(t)
	a.furnish()
	before := goleak.IgnoreCurrent()
	a.with(func(e *Engine) {
		for _, v := range []victim{
			{Work: "backup"},
			{Work: "media"},
			{Work: "drill", Ref: string(a.backup)},
			{Work: "download", Ref: string(a.backup)},
			{Work: "restore", Ref: string(a.backup)},
			{Work: "undo", Ref: "latest"},
			{Work: "sync"},
			{Work: "maintain"},
		} {
			v.Home = a.home()
			must(t, v.run(t.Context(), e))
		}
	})
	goleak.VerifyNone(t, before)
}
