package command

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
)

func (sh *shell) sandboxSample() *cobra.Command {
	return group("sample", "A sandbox to try things with, on a private PostgreSQL of its own",
		sh.sampleStart(), sh.sampleStop(), sh.sampleRemove())
}

func (sh *shell) sampleStart() *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Make the sample sandbox, or start its server again, and back it up",
		Long: "Makes a PostgreSQL server of its own in Holdfast's folder (on a socket, on no network), fills a sample\n" +
			"database, adds it as a sandbox and backs it up. The server goes on until: holdfast sandbox sample stop\n" +
			"Backups and restores of it start the server by themselves, and stop it again.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				s, err := e.StartSample(cmd.Context(), true)
				if err != nil {
					return nil, err
				}
				b, err := e.CreateBackup(cmd.Context(), s.Name, "", sh.wait)
				if err != nil {
					return nil, err
				}
				v := sandboxView{Name: s.Name, Sample: true}
				return sampleView{sandboxView: v.filled(s).withNewest(cmd.Context(), e), Running: true, Backup: string(b.ID)}, nil
			})
		},
	}
}

// sampleView is the sample sandbox as --json shows it.
type sampleView struct {
	sandboxView

	Running bool   `json:"running"`
	Backup  string `json:"backup"`
}

func (v sampleView) text(w io.Writer) {
	fmt.Fprintf(w, "The sample sandbox %s runs, and is backed up: %s.\nLook into it: psql -h %s -p %d -U %s %s\nGo on: holdfast backup list %s\nRemove it: holdfast sandbox sample remove\n",
		printable(v.Name), v.Backup, printable(v.Host), v.Port, printable(v.User), printable(v.Database), printable(v.Name))
}

func (sh *shell) sampleStop() *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "Stop the sample's server; a backup or restore starts it again", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.StopSample(cmd.Context()); err != nil {
					return nil, err
				}
				return message{Text: "The sample's server is stopped.", fields: map[string]any{"running": false}}, nil
			})
		},
	}
}

func (sh *shell) sampleRemove() *cobra.Command {
	var req engine.RemoveSample
	c := &cobra.Command{
		Use: "remove", Short: "Stop the sample's server, delete its data and take the sandbox out",
		Long: "Stops the sample's server, deletes its data and takes the sandbox out. Its backups stay in the vault,\n" +
			"unless --backups is given, which asks for approval.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			req.Wait = sh.wait
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				removed, err := e.RemoveSample(cmd.Context(), req)
				if err != nil {
					return nil, err
				}
				text := "The sample sandbox is removed; its server is stopped and its data are deleted."
				switch {
				case removed.Deleted > 0:
					text += fmt.Sprintf(" Its backups are deleted too: %d, which freed %s.", removed.Deleted, size(removed.Freed))
				case removed.Left > 0:
					text += fmt.Sprintf(" Its backups stay in the vault: %d.", removed.Left)
				}
				return message{Text: text, fields: map[string]any{
					"sandbox": removed.Sandbox, "deleted_backups": removed.Deleted, "freed_bytes": removed.Freed, "left_backups": removed.Left,
				}}, nil
			})
		},
	}
	c.Flags().BoolVar(&req.Backups, "backups", false, "delete its backups too (asks for approval)")
	return c
}
