package command

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/export"
	"holdfast/platform"
)

func (sh *shell) backupDownload() *cobra.Command {
	var req engine.DownloadRequest
	var sealFile string
	c := &cobra.Command{
		Use: "download ID", Short: "Write a backup into a file that stock tools read (asks for approval)",
		Long: "Writes a backup as an archive for pg_restore (dump) or a script for psql (sql), with everything that\n" +
			"pg_dump writes, or its folders as an archive for tar or unzip (media.tar.zst, media.zip). Every byte is\n" +
			"compared with the backup's manifest. The file has mode 0600 and is not encrypted, unless --seal-file\n" +
			"names a file with a passphrase: then age -d opens it.\n\n" +
			"A JSON snapshot (json) has the rows and no definitions, {manifest, data}, and is read back before it\n" +
			"counts. Sessions, queues of jobs, audit logs and the like are left out, unless --all-tables is given.\n" +
			"holdfast restore --from brings it back.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Wait, req.Replace = args[0], sh.wait, sh.yes
			if err := sh.prepareDownload(&req, sealFile); err != nil {
				return err
			}
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				d, err := e.Download(cmd.Context(), req)
				if err != nil || req.Stdout != nil {
					return nil, err
				}
				return downloadView(*d), nil
			})
		},
	}
	c.Flags().StringVar(&req.Format, "format", string(export.FormatDump), "dump (pg_restore), sql (psql), json (rows only), media.tar.zst or media.zip (the folders)")
	c.Flags().BoolVar(&req.AllTables, "all-tables", false, "of a JSON snapshot: also sessions, queues of jobs, audit logs and the like")
	c.Flags().StringVar(&req.Out, "out", "", "file to write, or folder to put it in; - is standard output")
	c.Flags().StringVar(&sealFile, "seal-file", "", "seal it with the passphrase in this file; - is standard input")
	return c
}

// prepareDownload looks at the flags, and reads the passphrase.
func (sh *shell) prepareDownload(req *engine.DownloadRequest, sealFile string) error {
	if _, err := export.ParseFormat(req.Format); err != nil {
		return err
	}
	if req.AllTables && req.Format != string(export.FormatJSON) {
		return backup.Errorf(backup.Usage, "Leave it out: only JSON snapshots leave tables out.", "--all-tables goes with --format json only")
	}
	if req.Out == "" {
		return backup.Errorf(backup.Usage, "Name a file or a folder: --out FILE", "--out is missing")
	}
	if req.Out == "-" {
		if sh.json {
			return backup.Errorf(backup.Usage, "Leave one of them out.", "--out - and --json both write to standard output")
		}
		if f, ok := sh.out.(*os.File); ok && platform.IsTerminal(f) && (req.Format == string(export.FormatDump) || sealFile != "") {
			return backup.Errorf(backup.Usage, "Send it into a file or a pipe.", "what would be written is nothing for a terminal")
		}
		req.Stdout = sh.out
	}
	if sealFile == "" {
		return nil
	}
	passphrase, err := sh.readSecret("--seal-file", sealFile)
	req.Passphrase = passphrase
	return err
}

type downloadView engine.Downloaded

func (v downloadView) text(w io.Writer) {
	fmt.Fprintf(w, "The backup %s is in %s (%s).\n", v.ID, printable(v.Path), size(v.Bytes))
	if n := len(v.LeftOut); n > 0 {
		fmt.Fprintf(w, "The rows of %d operational tables are left out (%s); keep them with --all-tables.\n", n, printable(shortList(v.LeftOut)))
	}
	if v.Format == export.FormatJSON {
		v.textOfJSON(w)
		return
	}
	if v.Sealed {
		fmt.Fprintf(w, "It is sealed. Open it: age -d -o FILE %s\n", printable(v.Path))
		return
	}
	if v.Format.Holds() == backup.ScopeMedia {
		fmt.Fprintf(w, "It is not encrypted. Unpack it: %s\n", printable(v.Format.Load(v.Path)))
		return
	}
	fmt.Fprintf(w, "It is not encrypted. Load it into an empty database: %s\n", printable(v.Format.Load(v.Path)))
}

func (v downloadView) textOfJSON(w io.Writer) {
	if v.Sealed {
		fmt.Fprintf(w, "It is sealed; age -d opens it. Restore it: %s --seal-file FILE\n", printable(v.Format.Load(v.Path)))
		return
	}
	fmt.Fprintf(w, "It is not encrypted. Restore it: %s\n", printable(v.Format.Load(v.Path)))
}

// shownNames is how many names a line shows.
const shownNames = 5

func shortList(names []string) string {
	if n := len(names); n > shownNames {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shownNames], ", "), n-shownNames)
	}
	return strings.Join(names, ", ")
}
