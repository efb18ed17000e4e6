//go:build !linux

package platform

import "context"

// Installed says whether polkit is there and knows the action.
func (p Polkit) Installed(context.Context, string) bool { return false }

// Authorize lets polkit ask the person at this machine.
func (p Polkit) Authorize(context.Context, string) error { return ErrNotAuthorized }
