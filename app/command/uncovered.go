package command

import (
	"fmt"
	"io"
	"strings"

	"holdfast/app/engine"
)

// uncoveredView is something that no backup of a sandbox holds, as --json shows it.
type uncoveredView struct {
	Kind   string `json:"kind"`  // object-storage, database or uploads
	Name   string `json:"name"`  // never a secret
	Where  string `json:"where"` // file that says so, or the folder
	Remedy string `json:"remedy"`
}

// withUncovered adds what was seen in the sandbox's code folders.
func (v sandboxView) withUncovered(seen engine.Seen) sandboxView {
	list := []uncoveredView{}
	for _, u := range seen.Uncovered {
		list = append(list, uncoveredView{Kind: string(u.Kind), Name: u.Name, Where: u.Where, Remedy: u.Remedy(v.Name)})
	}
	v.NotCovered = &list
	return v
}

func (v sandboxView) textUncovered(w io.Writer) {
	if v.NotCovered == nil || len(*v.NotCovered) == 0 {
		return
	}
	fmt.Fprintln(w, "\nNot covered by its backups:")
	for _, u := range *v.NotCovered {
		where := ""
		if u.Where != u.Name && !strings.HasSuffix(u.Name, u.Where) {
			where = " (in " + printable(u.Where) + ")"
		}
		fmt.Fprintf(w, "   %s%s\n      %s\n", printable(u.Name), where, printable(u.Remedy))
	}
}
