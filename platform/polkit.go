package platform

import "errors"

// ApproveAction is the polkit action that stands for the approval passphrase in the window. Only a
// package installs it, for all users of the machine.
const ApproveAction = "app.holdfast.Holdfast.approve"

// ErrNotAuthorized says that the person did not authenticate.
var ErrNotAuthorized = errors.New("not authorized")

// Polkit asks the system's own authentication.
type Polkit struct {
	Bus string // address of the bus; "" is the system's
}
