package backup

import (
	"fmt"
	"strings"
	"time"
)

// Resolve finds the backup that ref names among all of the history: a whole or shortened ID,
// "latest", or "latest:SANDBOX" (the newest completed one that is no pre-restore backup, and that holds
// part, "" for any). One that is dated after now was taken while the clock was wrong: it is the latest only
// where there is no other.
func Resolve(now time.Time, ref string, all []Backup, part Scope) (*Backup, error) {
	if err := namesSandbox(ref); err != nil {
		return nil, err
	}
	if sandbox, ok := latestOf(ref); ok {
		return newest(now, sandbox, all, part)
	}
	var found *Backup
	for i := range all {
		if !strings.HasPrefix(string(all[i].ID), strings.ToLower(ref)) || ref == "" {
			continue
		}
		if found != nil {
			return nil, Errorf(Usage, "Give more of its digits.", "%q is the beginning of several backups", ref)
		}
		found = &all[i]
	}
	if found == nil {
		return nil, Errorf(Usage, meantID(ref, backupIDs(all), "See: holdfast backup list"), "there is no backup %q", ref)
	}
	return found, nil
}

func latestOf(ref string) (sandbox string, ok bool) {
	if ref == "latest" {
		return "", true
	}
	return strings.CutPrefix(ref, "latest:")
}

// namesSandbox refuses "latest:" without a name, as a script with an empty variable writes it: it would
// mean any sandbox.
func namesSandbox(ref string) error {
	if ref == "latest:" {
		return Errorf(Usage, "Name a sandbox: latest:SANDBOX. Or leave the colon out: latest is the newest of all.", "%q names no sandbox", ref)
	}
	return nil
}

func newest(now time.Time, sandbox string, all []Backup, part Scope) (*Backup, error) {
	var found *Backup
	for i := range all {
		b := &all[i]
		if b.Status != StatusCompleted || b.Trigger == PreRestore || (sandbox != "" && b.Sandbox != sandbox) || part != "" && !b.Holds(part) {
			continue
		}
		if found == nil || newer(now, b.Started, found.Started) {
			found = b
		}
	}
	if found == nil {
		if sandbox != "" {
			return nil, Errorf(Usage, meantSandbox(sandbox, all), "there is no completed backup of %q", sandbox)
		}
		return nil, Errorf(Usage, "Make one: holdfast backup create SANDBOX", "there is no completed backup yet")
	}
	return found, nil
}

// clockSlack is how far ahead of now a date may lie and still be believed: clocks are stepped by seconds.
const clockSlack = time.Minute

// newer says whether a is later than b, where a time after now counts as earlier than any other.
func newer(now, a, b time.Time) bool {
	limit := now.Add(clockSlack)
	if wrong := a.After(limit); wrong != b.After(limit) {
		return !wrong
	}
	return a.After(b)
}

// ResolveRestore finds the restore that ref names: a whole or shortened ID, "latest", or "latest:SANDBOX"
// (the newest completed one). For dates after now see Resolve.
func ResolveRestore(now time.Time, ref string, all []Restore) (*Restore, error) {
	if err := namesSandbox(ref); err != nil {
		return nil, err
	}
	if sandbox, ok := latestOf(ref); ok {
		return newestRestore(now, sandbox, all)
	}
	var found *Restore
	for i := range all {
		if ref == "" || !strings.HasPrefix(string(all[i].ID), strings.ToLower(ref)) {
			continue
		}
		if found != nil {
			return nil, Errorf(Usage, "Give more of its digits.", "%q is the beginning of several restores", ref)
		}
		found = &all[i]
	}
	if found == nil {
		ids := make([]string, len(all))
		for i := range all {
			ids[i] = string(all[i].ID)
		}
		return nil, Errorf(Usage, meantID(ref, ids, "See: holdfast undo"), "there is no restore %q", ref)
	}
	return found, nil
}

// newestRestore gives the newest completed restore into a sandbox, or into any for "". Where none completed
// it gives the newest one: what became of that says more than that there is none.
func newestRestore(now time.Time, sandbox string, all []Restore) (*Restore, error) {
	var found *Restore
	better := func(r *Restore) bool {
		done, had := r.Status == StatusCompleted, found != nil && found.Status == StatusCompleted
		return found == nil || done && !had || done == had && newer(now, r.Started, found.Started)
	}
	for i := range all {
		if r := &all[i]; (sandbox == "" || r.Sandbox == sandbox) && better(r) {
			found = r
		}
	}
	if found == nil {
		text := "nothing was restored yet"
		if sandbox != "" {
			text += " into " + sandbox
		}
		return nil, Errorf(Usage, "See: holdfast undo", "%s", text)
	}
	return found, nil
}

func backupIDs(all []Backup) []string {
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = string(all[i].ID)
	}
	return ids
}

// meantID is Meant for an ID, which may be shortened, or the word latest.
func meantID(ref string, ids []string, hint string) string {
	if near := Nearest(ref, append([]string{"latest"}, ids...)); near != "" {
		return Meant(ref, []string{near}, hint)
	}
	const least = 4 // fewer digits are like too many
	for _, id := range ids {
		if n := len(ref); n >= least && n < len(id) && Nearest(ref, []string{id[:n]}) != "" {
			return fmt.Sprintf("Did you mean %q? %s", id, hint)
		}
	}
	return hint
}

// meantSandbox is the hint for latest:SANDBOX where there is no backup: a name that is like it and
// has one, or how to make one.
func meantSandbox(sandbox string, all []Backup) string {
	hint := "Make one: holdfast backup create " + sandbox
	var names []string
	for i := range all {
		if all[i].Sandbox == sandbox {
			return hint
		}
		if all[i].Status == StatusCompleted {
			names = append(names, all[i].Sandbox)
		}
	}
	if near := Nearest(sandbox, names); near != "" {
		return fmt.Sprintf("Did you mean %q? See: holdfast backup list", "latest:"+near)
	}
	return hint
}
