//go:build !linux

package postgres

// yield does nothing: threads cannot be told to here.
func yield() (end func()) { return func() {} }

// keepFromYielding does nothing.
func keepFromYielding() {}
