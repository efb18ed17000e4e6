// Package app wires Holdfast together: it decides what a command line asks for, and runs it.
package app

import "holdfast/app/command"

// version is set when the program is built.
var version = "dev"

// Main runs the program with the arguments after its name and gives the exit code.
func Main(args []string) int { return command.Run(args, version) }
