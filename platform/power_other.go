//go:build !linux && !darwin && !windows

package platform

import "context"

// Power says what the machine runs on.
type Power struct{}

// OnBattery is not known on this system, which counts as mains.
func (Power) OnBattery(context.Context) bool { return false }
