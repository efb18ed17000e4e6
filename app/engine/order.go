package engine

import "strings"

// backUpOrder begins what the running instance is told so that it backs up a sandbox.
const backUpOrder = "back up\t"

// BackUpOrder is one line that tells the running instance to back up a sandbox.
func BackUpOrder(sandbox, note string) string {
	return backUpOrder + strings.Join([]string{sandbox, strings.Join(strings.Fields(note), " ")}, "\t")
}

// ParseBackUpOrder reads such a line back.
func ParseBackUpOrder(line string) (sandbox, note string, ok bool) {
	rest, ok := strings.CutPrefix(line, backUpOrder)
	sandbox, note, _ = strings.Cut(rest, "\t")
	return sandbox, note, ok && sandbox != ""
}
