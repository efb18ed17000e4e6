package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
)

// downloadFlags say what is written into a folder after scheduled backups.
type downloadFlags struct {
	to, format, every, sealFile string
	keep                        int
	unsealed, allTables, stop   bool
}

func (f *downloadFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.to, "downloads-to", "", "write backups into this folder as files, after scheduled runs (asks for approval)")
	c.Flags().StringVar(&f.format, "downloads-format", "", "as dump, sql or json; dump when not given")
	c.Flags().StringVar(&f.every, "downloads-every", "", "at most this often, such as 24h; 0 is after each scheduled backup, the default")
	c.Flags().IntVar(&f.keep, "downloads-keep", 0, "keep this many newest files; 0 keeps all, 7 is the default")
	c.Flags().StringVar(&f.sealFile, "downloads-seal-file", "", "seal them with the passphrase in this file, which is kept; - is standard input")
	c.Flags().BoolVar(&f.unsealed, "downloads-unsealed", false, "do not seal them any more")
	c.Flags().BoolVar(&f.allTables, "downloads-all-tables", false, "of JSON snapshots: operational tables too")
	c.Flags().BoolVar(&f.stop, "no-downloads", false, "write no more files; those that are there stay")
	c.MarkFlagsMutuallyExclusive("downloads-to", "no-downloads")
	c.MarkFlagsMutuallyExclusive("downloads-seal-file", "downloads-unsealed")
}

// request gives what was asked for; nil when nothing was.
func (f *downloadFlags) request(sh *shell, c *cobra.Command) (*engine.SetDownloads, error) {
	req, asked := &engine.SetDownloads{Stop: f.stop}, f.stop
	given := func(flag string) bool {
		changed := c.Flags().Changed(flag)
		asked = asked || changed
		return changed
	}
	if given("downloads-to") {
		req.Folder = &f.to
	}
	if given("downloads-format") {
		req.Format = &f.format
	}
	if given("downloads-keep") {
		req.Keep = &f.keep
	}
	if given("downloads-all-tables") {
		req.AllTables = &f.allTables
	}
	if given("downloads-every") {
		every, err := parseDays(f.every)
		if err != nil {
			return nil, backup.Errorf(backup.Usage, "Such as 24h, 90m or 7d; 0 is after each scheduled backup.", "--downloads-every cannot be %q", f.every)
		}
		req.Every = &every
	}
	if given("downloads-seal-file") {
		passphrase, err := sh.readSecret("--downloads-seal-file", f.sealFile)
		if err == nil && passphrase == "" {
			err = backup.Errorf(backup.Usage, "Its file must have it in the first line.", "the passphrase to seal with is empty")
		}
		if err != nil {
			return nil, err
		}
		req.Passphrase = &passphrase
	}
	if given("downloads-unsealed") && f.unsealed {
		none := ""
		req.Passphrase = &none
	}
	if !asked {
		return nil, nil //nolint:nilnil // nothing is asked for
	}
	return req, nil
}

// withDownloads adds what scheduled backups take, and what is written into a folder.
func (v sandboxView) withDownloads(ctx context.Context, e *engine.Engine) (sandboxView, error) {
	var err error
	v.Scheduled = e.ScheduledScope(v.Name)
	v.Downloads, err = e.DownloadPlan(ctx, v.Name)
	return v, err
}

// downloads says in words what is written into a folder; "" for nothing.
func (v sandboxView) downloads() string {
	d := v.Downloads
	if d == nil {
		return ""
	}
	text := fmt.Sprintf("as %s into %s, after each scheduled backup", d.Format, d.Folder)
	if d.Every != "" {
		text = fmt.Sprintf("as %s into %s, at most once in %s", d.Format, d.Folder, d.Every)
	}
	if d.Sealed {
		text += ", sealed"
	}
	if d.Keep > 0 {
		text += ", the " + counted(d.Keep, "newest is kept", "newest are kept")
	}
	return text + "; " + counted(len(d.Files), "file is there", "files are there")
}
