//go:build !linux

package platform

import "context"

// HasTrayHost says whether something on the desktop shows tray icons.
func HasTrayHost(context.Context) bool { return true }
