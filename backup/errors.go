package backup

import (
	"context"
	"errors"
	"fmt"
)

// Kind says what can be done about an error. Commands turn it into an exit code.
type Kind string

// The kinds of errors that a person can meet.
const (
	Failed      Kind = "failed"      // the work itself went wrong
	Usage       Kind = "usage"       // what was asked for makes no sense
	Refused     Kind = "refused"     // the gate, a policy or a switch said no
	Unreachable Kind = "unreachable" // a server, a vault or a place did not answer
	Damaged     Kind = "damaged"     // stored bytes, or the key to them, are not what they must be
	Busy        Kind = "busy"        // another run holds the lock
	NoDisplay   Kind = "no-display"  // a window was asked for where none can be shown
	Cancelled   Kind = "cancelled"   // a person or a signal stopped it
)

// Error is an error that a person will read. Text and Hint hold no secret; Err is for the log.
type Error struct {
	Kind Kind   // what can be done about it
	Op   string // what was being done: "restore shop"
	Text string // what went wrong, in the user's words
	Hint string // what to do next; may be empty
	Err  error  // the cause, may be nil
}

// Error gives operation and text; the hint is shown apart.
func (e *Error) Error() string {
	if e.Op == "" {
		return e.Text
	}
	return e.Op + ": " + e.Text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without an operation; the text is formatted as by fmt.Sprintf.
func Errorf(kind Kind, hint, format string, args ...any) *Error {
	return &Error{Kind: kind, Hint: hint, Text: fmt.Sprintf(format, args...)}
}

// WithOp names what was being done, unless err says so already. A nil err stays nil.
// A cancelled context becomes Cancelled, any other foreign error Failed.
func WithOp(op string, err error) error {
	if err == nil {
		return nil
	}
	known := AsError(err)
	if known.Op != "" {
		return known
	}
	named := *known
	named.Op = op
	return &named
}

// AsError gives err as an Error, wrapping it when it is a foreign one.
func AsError(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Kind: Cancelled, Text: "cancelled", Err: err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Kind: Unreachable, Text: "no answer in time", Err: err}
	}
	return &Error{Kind: Failed, Text: err.Error(), Err: err}
}

// KindOf gives the kind of err; "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return AsError(err).Kind
}
