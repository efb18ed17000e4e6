package mirror_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain finds goroutines that outlive their place or their vault.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
