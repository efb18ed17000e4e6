// Package views is what a person sees of Holdfast.
//
// It draws a State, which is plain values, and reports taps through small interfaces that each
// view declares. Views start no work and keep no truth: what they hold beyond the State is what
// is selected and what is typed. Everything here runs on Fyne's goroutine.
//
// Hazard: texts from databases (names, notes, errors) are hostile. They go through plain before
// they are shown, and into widgets that do not interpret them.
package views
