// Package command is Holdfast without a window: the commands of a shell, a script or an agent.
//
// They drive the same engine, gate and vault as the window. Results go to standard output, as
// text or with --json as one document; progress and warnings go to standard error. The exit
// codes are decided in one place, exit.go.
//
// Hazard: words, flags, JSON fields and exit codes are a contract with scripts. Add, never rename.
package command
