//go:build !linux && !darwin && !windows

package platform

import "errors"

// Autostart says whether Holdfast starts at login.
func Autostart() (bool, error) { return false, nil }

// SetAutostart is not known on this system.
func SetAutostart(on bool, _ ...string) error {
	if !on {
		return nil
	}
	return errors.ErrUnsupported
}
