// Package controller stands between the window and the engine: it turns taps into jobs, and what
// the engine says into the next State that is shown.
//
// Every verb returns at once. A job runs in its own goroutine with a context that Cancel ends,
// on an engine of its own, so that what another process changed is always seen. One job a
// sandbox runs at a time; jobs of the scheduler are jobs like any other.
//
// Hazard: the UI's methods are called on any goroutine; who implements UI brings them to Fyne's.
package controller
