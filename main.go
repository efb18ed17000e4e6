// Holdfast keeps the PostgreSQL databases of a developer's workstation safe.
package main

import (
	"os"

	"holdfast/app"
)

func main() { os.Exit(app.Main(os.Args[1:])) }
