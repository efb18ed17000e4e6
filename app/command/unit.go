package command

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/assets"
	"holdfast/backup"
	"holdfast/platform"
)

// packaged is where the units of assets expect the program.
const packaged = "/usr/bin/holdfast"

func (sh *shell) scheduleUnit() *cobra.Command {
	timer, install := false, false
	c := &cobra.Command{
		Use: "unit [--timer] [--install]", Short: "Print or install systemd units that run what is due without a desktop", Args: exactly(0),
		Long: "Prints a systemd unit of the user that stays and runs what is due (schedule run), or with --timer one that\n" +
			"a timer starts every quarter of an hour (schedule run-due). --install writes it to your own units.",
		RunE: func(_ *cobra.Command, _ []string) error {
			units, err := unitsOf(timer)
			if err != nil {
				return err
			}
			if !install {
				return sh.show(unitList(units), nil)
			}
			if runtime.GOOS != "linux" {
				return backup.Errorf(backup.Usage, "Start Holdfast at login instead: holdfast config set login.start true", "there is no systemd on this system")
			}
			return sh.show(unitList(units), sh.installUnits(units))
		},
	}
	c.Flags().BoolVar(&timer, "timer", false, "one that a timer starts, in place of one that stays")
	c.Flags().BoolVar(&install, "install", false, "write it to your own units, in place of printing it")
	return c
}

// unit is one file of systemd.
type unit struct {
	Name      string `json:"name"`
	Text      string `json:"text"`
	Installed string `json:"installed,omitempty"` // its path
}

func unitsOf(timer bool) ([]unit, error) {
	names := []string{"holdfast.service"}
	if timer {
		names = []string{"holdfast-due.service", "holdfast-due.timer"}
	}
	self, err := platform.Program()
	if err != nil {
		return nil, err
	}
	var list []unit
	for _, name := range names {
		text, err := assets.Units.ReadFile("systemd/" + name)
		if err != nil {
			return nil, err
		}
		list = append(list, unit{Name: name, Text: fitted(string(text), self)})
	}
	return list, nil
}

// fitted makes a unit start this program for this home. Paths are all that it tells: the key stays
// in its file.
func fitted(text, self string) string {
	var settings strings.Builder
	for _, name := range []string{platform.HomeEnv, engine.KeyFileEnv} {
		if value := os.Getenv(name); value != "" {
			if abs, err := filepath.Abs(value); err == nil {
				value = abs
			}
			settings.WriteString("Environment=" + unitWord(name+"="+value) + "\n")
		}
	}
	return strings.NewReplacer("ExecStart="+packaged, settings.String()+"ExecStart="+strings.ReplaceAll(unitWord(self), "$", "$$")).Replace(text)
}

// unitWord quotes one word as systemd reads it; see systemd.syntax(7).
func unitWord(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "\n", `\n`).Replace(word) + `"`
}

// installUnits writes units to the user's own. What is there and differs is replaced only with --yes.
func (sh *shell) installUnits(units []unit) error {
	xdg.Reload()
	dir := filepath.Join(xdg.ConfigHome, "systemd", "user")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unitError(dir, err)
	}
	for i := range units {
		path := filepath.Join(dir, units[i].Name)
		old, err := os.ReadFile(path)
		if err == nil && !bytes.Equal(old, []byte(units[i].Text)) && !sh.yes {
			return backup.Errorf(backup.Usage, "Look at it; --yes replaces it.", "%s is there and differs", path)
		}
		if err := platform.WriteFileAtomic(path, []byte(units[i].Text), 0o644); err != nil {
			return unitError(path, err)
		}
		units[i].Installed = path
	}
	return nil
}

func unitError(path string, err error) error {
	return &backup.Error{Kind: backup.Failed, Text: "the unit cannot be written: " + err.Error(), Hint: "Is the folder of " + path + " writable by you?", Err: err}
}

type unitList []unit

func (l unitList) text(w io.Writer) {
	for _, u := range l {
		if u.Installed == "" {
			fmt.Fprintf(w, "# %s\n%s\n", u.Name, u.Text)
			continue
		}
		fmt.Fprintf(w, "Wrote %s\n", u.Installed)
	}
	if last := l[len(l)-1]; last.Installed != "" {
		fmt.Fprintf(w, "Start it: systemctl --user daemon-reload && systemctl --user enable --now %s\nTo let it run while you are logged out: loginctl enable-linger\n", last.Name)
	}
}
