package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Standing is all that reminders are made from.
type Standing struct {
	Vault     VaultStanding
	Sandboxes []SandboxStanding
}

// VaultStanding is how the vault stands.
type VaultStanding struct {
	Path     string
	KitKept  bool      // the recovery kit was saved
	KitVoid  time.Time // the key was changed then, and no kit saved since; zero: not so
	Copies   int       // off-site places that have a current copy
	SameDisk bool      // the vault and the home are on one disk
	Free     int64     // bytes left; below 0: not known
	Need     int64     // bytes that the largest of the newest backups added
	Since    time.Time // since when there has been something to lose
}

// SandboxStanding is how one sandbox stands.
type SandboxStanding struct {
	Name        string
	Added       time.Time
	Last        time.Time     // when the last completed backup began; zero: never
	Gap         time.Duration // between two runs of its schedule
	Drills      bool          // restore drills are on
	Drilled     time.Time     // the last one; zero: never
	DrillFault  string        // what it found; "" when it proved its backup
	ExportEvery time.Duration // how often the person wants to export the data; 0: never
	Exported    time.Time     // the last export; zero: never
	Folders     []FolderStanding
	Secrets     []SecretStanding
	Uncovered   []string // names of what no backup here holds
}

// FolderStanding is what one git work tree has that is nowhere else.
type FolderStanding struct {
	Path        string
	Changed     int    // files and folders with changes, and those that git does not know
	New         bool   // git does not know some of them
	Exposed     string // of these: a secret file, that should be ignored; "" for none
	ChangedAt   time.Time
	Unpushed    int // commits on no remote
	UnpushedAt  time.Time
	Branches    []string // that they are on
	Loose       int      // of them: on no branch
	Stashes     int
	StashedAt   time.Time
	HasRemote   bool
	HasUpstream bool   // every branch with such commits has one
	Digest      string // changes with any of it
	Problem     string // why it could not be looked at
}

// SecretStanding is one secret file whose state is not what was exported last.
type SecretStanding struct {
	Path     string
	New      bool // it was never exported
	Modified time.Time
	Print    string // fingerprint of what is in it
}

// The bounds beyond which a person is reminded.
const (
	backupLimit = 3 * 24 * time.Hour  // without a completed backup, or twice the schedule's gap
	firstLimit  = 24 * time.Hour      // without the first one
	drillLimit  = 45 * 24 * time.Hour // without a restore drill
	spaceLimit  = 1 << 30             // bytes left for the vault, or three times the largest backup
)

// Reminders gives what a person should do, most pressing first.
func Reminders(s Standing, now time.Time) []Reminder {
	list := s.Vault.reminders()
	said := map[string]bool{}
	for _, b := range s.Sandboxes {
		for _, r := range b.reminders(now) {
			if !said[r.ID] { // a folder may belong to many sandboxes
				list = append(list, r)
			}
			said[r.ID] = true
		}
	}
	sortReminders(list)
	return list
}

func (v VaultStanding) reminders() []Reminder {
	var list []Reminder
	if kit := v.kit(); kit.ID != "" {
		list = append(list, kit)
	}
	if v.Free >= 0 && v.Free < max(spaceLimit, 3*v.Need) {
		list = append(list, Reminder{
			ID: "space", Kind: RemindSpace, Text: fmt.Sprintf("the disk of the vault has only %s left", Units(v.Free)),
			Command: "holdfast retention prune", Facts: "low", About: About{Free: v.Free},
		})
	}
	if v.Copies == 0 {
		r := Reminder{ID: "offsite", Kind: RemindOffsite, Text: "the vault has no copy anywhere else", Since: v.Since, Facts: "none", Command: "holdfast offsite add disk folder --path /media/OTHER-DISK/holdfast"}
		if v.SameDisk {
			r.ID, r.Kind, r.Text = "same-disk", RemindSameDisk, "every copy is on the disk of this machine: a lost disk loses the data and its backups together"
		}
		list = append(list, r)
	}
	return list
}

// kit reminds of the recovery kit; one without an ID is none.
func (v VaultStanding) kit() Reminder {
	r := Reminder{ID: "kit", Kind: RemindKit, Command: "holdfast vault kit --out recovery-kit.pdf"}
	switch {
	case !v.KitVoid.IsZero():
		r.Void = true
		r.Text, r.Since, r.Facts = "the recovery kit is void: the key was changed, and no kit was saved since", v.KitVoid, stampOf(v.KitVoid)
	case !v.KitKept:
		r.Text, r.Since, r.Facts = "the recovery kit was not saved: without the key nobody can open the vault", v.Since, "not saved"
	default:
		return Reminder{}
	}
	return r
}

func (b SandboxStanding) reminders(now time.Time) []Reminder {
	list := append(b.ofBackups(now), b.ofExports(now)...)
	for _, f := range b.Folders {
		list = append(list, f.reminders(b.Name)...)
	}
	if len(b.Uncovered) > 0 {
		list = append(list, Reminder{
			ID: "not-covered:" + b.Name, Kind: RemindUncovered, Sandbox: b.Name,
			Text:    "no backup of " + b.Name + " holds " + listed(b.Uncovered),
			Command: "holdfast sandbox show " + ShellWord(b.Name), Facts: digestOf(b.Uncovered...), About: About{Names: b.Uncovered},
		})
	}
	return list
}

func (b SandboxStanding) ofBackups(now time.Time) []Reminder {
	var list []Reminder
	last, limit, text := b.Last, max(backupLimit, 2*b.Gap), b.Name+" has no completed backup since then"
	if last.IsZero() {
		last, limit, text = b.Added, max(firstLimit, b.Gap), b.Name+" was never backed up"
	}
	if now.Sub(last) >= limit {
		list = append(list, Reminder{
			ID: "backup:" + b.Name, Kind: RemindBackup, Sandbox: b.Name, Text: text, Since: last, Never: b.Last.IsZero(),
			Command: "holdfast backup create " + ShellWord(b.Name), Facts: stampOf(last),
		})
	}
	verify := "holdfast backup verify " + ShellWord("latest:"+b.Name) + " --drill"
	drilled := b.Drilled
	if drilled.IsZero() {
		drilled = b.Added
	}
	switch {
	case !b.Drills || b.Last.IsZero():
	case b.DrillFault != "":
		list = append(list, Reminder{
			ID: "drill:" + b.Name, Kind: RemindDrillFailed, Sandbox: b.Name, Since: b.Drilled, Command: verify,
			Text: "the last restore drill of " + b.Name + " proved nothing: " + b.DrillFault, Facts: stampOf(b.Drilled) + b.DrillFault, About: About{Fault: b.DrillFault},
		})
	case now.Sub(drilled) >= drillLimit:
		list = append(list, Reminder{
			ID: "drill:" + b.Name, Kind: RemindDrill, Sandbox: b.Name, Since: drilled, Command: verify,
			Text: "no restore drill of " + b.Name + " for more than a month", Facts: stampOf(drilled),
		})
	}
	return list
}

func (b SandboxStanding) ofExports(now time.Time) []Reminder {
	var list []Reminder
	if len(b.Secrets) > 0 {
		r := Reminder{
			ID: "secrets:" + b.Name, Kind: RemindSecrets, Sandbox: b.Name,
			Command: "holdfast secrets export " + ShellWord(b.Name) + " --format age --out " + ShellWord(b.Name+"-secrets.tar.age"),
		}
		var paths, facts []string
		fresh := 0
		for _, s := range b.Secrets {
			paths, facts = append(paths, s.Path), append(facts, s.Path, s.Print)
			if s.New {
				fresh++
			}
			if r.Since.IsZero() || s.Modified.Before(r.Since) {
				r.Since = s.Modified
			}
		}
		r.Text = "secrets changed since they were exported: " + listed(paths)
		if fresh == len(b.Secrets) {
			r.Text = "secrets were never exported: " + listed(paths)
		}
		r.Facts, r.About = digestOf(facts...), About{Names: paths, AllNew: fresh == len(b.Secrets)}
		list = append(list, r)
	}
	last := b.Exported
	if last.IsZero() {
		last = b.Added
	}
	if b.ExportEvery > 0 && now.Sub(last) >= b.ExportEvery {
		list = append(list, Reminder{
			ID: "export:" + b.Name, Kind: RemindExport, Sandbox: b.Name, Text: "your own export of " + b.Name + " is overdue", Since: last,
			Command: "holdfast backup download " + ShellWord("latest:"+b.Name) + " --format dump --out .", Facts: stampOf(last),
		})
	}
	return list
}

// reminders gives at most one: the first step that is missing, and all that is known.
func (f FolderStanding) reminders(sandbox string) []Reminder {
	git := "git -C " + ShellWord(f.Path) + " "
	r := Reminder{ID: "git:" + digestOf(f.Path), Kind: RemindUncommitted, Sandbox: sandbox, Folder: f.Path, Facts: f.Digest, About: About{Folder: &f}}
	switch {
	case f.Problem != "":
		r.Text, r.Command = f.Path+" could not be looked at: "+f.Problem, git+"status"
		return []Reminder{r}
	case f.Exposed != "":
		r.Command, r.Since = "echo "+ShellWord("/"+f.Exposed)+" >> "+ShellWord(f.Path+"/.gitignore"), f.ChangedAt
	case f.New: // what is added is chosen: add -A could take a secret along
		r.Command, r.Since = git+"add --interactive && "+git+"commit", f.ChangedAt
	case f.Changed > 0:
		r.Command, r.Since = git+"commit -a", f.ChangedAt
	case f.Loose > 0:
		r.Command, r.Since = git+"switch -c NAME", f.UnpushedAt
	case !f.HasRemote && f.Unpushed > 0:
		r.Command, r.Since = git+"remote add origin URL && "+git+"push -u origin --all", f.UnpushedAt
	case f.Unpushed > 0 && !f.HasUpstream:
		r.Command, r.Since = git+"push -u origin --all", f.UnpushedAt
	case f.Unpushed > 0:
		r.Command, r.Since = git+"push origin --all", f.UnpushedAt
	case f.Stashes > 0:
		r.Command, r.Since = git+"stash list", f.StashedAt
	default:
		return nil
	}
	if f.Unpushed > 0 {
		r.Kind = RemindUnpushed
		if !f.UnpushedAt.IsZero() {
			r.Since = f.UnpushedAt
		}
	}
	r.Text = f.Path + " has " + f.text()
	return []Reminder{r}
}

// text says what is nowhere else: "2 changes in no commit, 3 commits on no remote (main)".
func (f FolderStanding) text() string {
	var parts []string
	if f.Changed > 0 {
		parts = append(parts, plural(f.Changed, "changed or new file", "changed or new files")+" in no commit")
	}
	if f.Exposed != "" {
		parts = append(parts, "of which "+f.Exposed+" should be ignored, for it holds secrets")
	}
	if f.Unpushed > 0 {
		text := plural(f.Unpushed, "commit", "commits") + " on no remote"
		if len(f.Branches) > 0 {
			text += " (" + listed(f.Branches) + ")"
		}
		parts = append(parts, text)
	}
	if f.Loose > 0 {
		parts = append(parts, fmt.Sprintf("%d of them on no branch", f.Loose))
	}
	if f.Stashes > 0 {
		parts = append(parts, plural(f.Stashes, "stash", "stashes"))
	}
	if !f.HasRemote {
		parts = append(parts, "no remote")
	}
	return strings.Join(parts, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// listed names the first of some things, and how many more there are.
func listed(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}

// mostNamed is how many things a reminder names.
const mostNamed = 3

func digestOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:4])
}

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ShellWord quotes a word for a POSIX shell where that is needed.
func ShellWord(word string) string {
	odd := strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-", r)
	})
	if !odd && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
