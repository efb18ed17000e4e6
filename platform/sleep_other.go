//go:build !linux

package platform

import (
	"context"
	"errors"
)

// Woken is not known on this system: nothing is ever called.
func Woken(context.Context, func()) error { return errors.ErrUnsupported }
