package views

import "slices"

// Moving says that a bar may be moving on the screen: the window is to be drawn all the time.
func (s State) Moving() bool {
	if s.Discovery.Looking || s.Opening.Busy != nil || s.Sample.Busy != nil {
		return true
	}
	if s.Secrets != nil && (s.Secrets.Busy || s.Secrets.Looking) {
		return true
	}
	if s.Offsite != nil && slices.ContainsFunc(s.Offsite.Copies, func(c Copy) bool { return c.Busy != nil }) {
		return true
	}
	return slices.ContainsFunc(s.Sandboxes, func(x Sandbox) bool {
		return x.Busy != nil || slices.ContainsFunc(x.Downloads, func(d Download) bool { return d.Busy != nil })
	})
}
