//go:build !linux

package platform

// HideMemory does nothing here.
func HideMemory() {}
