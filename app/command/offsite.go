package command

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

func (sh *shell) offsiteCommand() *cobra.Command {
	return group("offsite", "Copies of the vault at other places, encrypted as it is",
		sh.offsiteAdd(), sh.offsiteList(), sh.offsiteShow(), sh.offsiteTest(), sh.offsiteSync(), sh.offsiteRemove())
}

// placeFlags say where a copy is; offsite add and vault open have them in common.
type placeFlags struct {
	place                    mirror.Place
	secretFile, passwordFile string
	fingerprint              string
}

func (f *placeFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.place.Path, "path", "", "folder: of another disk or share; sftp: of the server")
	flags.StringVar(&f.place.Endpoint, "endpoint", "", "s3: HOST or HOST:PORT, with http:// before it where there is no TLS")
	flags.StringVar(&f.place.Bucket, "bucket", "", "s3: the bucket")
	flags.StringVar(&f.place.Prefix, "prefix", "", "s3: folder in the bucket")
	flags.StringVar(&f.place.Region, "region", "", "s3: region, if the store wants one")
	flags.StringVar(&f.place.AccessKeyID, "access-key-id", "", "s3: ID of the access key")
	flags.StringVar(&f.secretFile, "secret-file", "", "s3: file with the secret of the access key; - is standard input")
	flags.StringVar(&f.place.Host, "host", "", "sftp: the server")
	flags.IntVar(&f.place.Port, "port", 0, "sftp: its port, if not 22")
	flags.StringVar(&f.place.User, "user", "", "sftp, webdav: name to log in with")
	flags.StringVar(&f.place.Identity, "identity-file", "", "sftp: file with the private key; without it the SSH agent is asked")
	flags.StringVar(&f.fingerprint, "host-key-fingerprint", "", "sftp: the server's key, as SHA256:…; left out, the refusal says what it is")
	flags.StringVar(&f.place.URL, "url", "", "webdav: address of the folder, https://…")
	flags.StringVar(&f.passwordFile, "password-file", "", "webdav: file with the password; - is standard input")
}

// flagsOf names the flags that go with each kind of place.
var flagsOf = map[mirror.Kind][]string{
	mirror.Folder: {"path"},
	mirror.S3:     {"endpoint", "bucket", "prefix", "region", "access-key-id", "secret-file"},
	mirror.SFTP:   {"path", "host", "port", "user", "identity-file", "host-key-fingerprint"},
	mirror.WebDAV: {"url", "user", "password-file"},
}

// read checks that the flags go with the kind, and reads the secret.
func (f *placeFlags) read(sh *shell, c *cobra.Command, kind string) (mirror.Place, string, error) {
	f.place.Kind = mirror.Kind(kind)
	if err := f.fits(c); err != nil {
		return f.place, "", err
	}
	place, err := f.place.Check()
	if err != nil {
		return place, "", err
	}
	var secret string
	switch {
	case f.secretFile != "":
		secret, err = sh.readSecret("--secret-file", f.secretFile)
	case f.passwordFile != "":
		secret, err = sh.readSecret("--password-file", f.passwordFile)
	case place.NeedsSecret():
		flag := "--password-file FILE"
		if place.Kind == mirror.S3 {
			flag = "--secret-file FILE"
		}
		err = backup.Errorf(backup.Usage, "Give it with "+flag+".", "the secret of the place is missing")
	}
	return place, secret, err
}

// none refuses the flags of a place where no place is asked for; --path stands for itself there.
func (f *placeFlags) none(c *cobra.Command) error {
	for _, names := range flagsOf {
		for _, name := range names {
			if name != "path" && c.Flags().Changed(name) {
				return backup.Errorf(backup.Usage, "Say which kind of place: --offsite folder, s3, sftp or webdav.", "--%s goes with --offsite", name)
			}
		}
	}
	return nil
}

func (f *placeFlags) fits(c *cobra.Command) error {
	mine, known := flagsOf[f.place.Kind]
	if !known {
		return backup.Errorf(backup.Usage, backup.Meant(string(f.place.Kind), []string{"folder", "s3", "sftp", "webdav"}, "Choose folder, s3, sftp or webdav."), "%q is no kind of place", f.place.Kind)
	}
	for kind, names := range flagsOf {
		for _, name := range names {
			if kind != f.place.Kind && !slices.Contains(mine, name) && c.Flags().Changed(name) {
				return backup.Errorf(backup.Usage, "Leave it out.", "--%s does not go with a place of the kind %s", name, f.place.Kind)
			}
		}
	}
	return nil
}

func (sh *shell) offsiteAdd() *cobra.Command {
	var f placeFlags
	var req engine.AddOffsite
	var limit, keep, lock string
	c := &cobra.Command{
		Use: "add NAME folder|s3|sftp|webdav", Short: "Keep a copy of the vault at another place (asks for approval)",
		Long: "Tries the place by writing, reading and deleting there, and says what the first copy takes. From then on\n" +
			"the copy is brought up to date after each backup. It is encrypted as the vault is and never holds the key.\n" +
			"Secrets are kept in the keyring, or, where there is none, sealed under the vault key.",
		Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req.Name, req.Fingerprint = args[0], f.fingerprint
			if req.Limit, err = parseRate(limit); err != nil {
				return err
			}
			if req.KeepRemoved, err = parseKeep(keep); err != nil {
				return err
			}
			if req.Lock, err = parseLock(lock); err != nil {
				return err
			}
			if req.Place, req.Secret, err = f.read(sh, cmd, args[1]); err != nil {
				return err
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				added, err := e.AddOffsite(cmd.Context(), req)
				if err == nil && e.OnVaultDisk(added.Place) {
					sh.warn("that folder is on the vault's own disk: a lost disk loses both")
				}
				return addedOffsite(req, added), err
			})
		},
	}
	f.bind(c)
	c.Flags().StringVar(&limit, "limit", "", "bytes sent per second on average, such as 500KB or 2MB")
	c.Flags().StringVar(&keep, "keep-removed", "", "how long the copy keeps what the vault removed, such as 72h; 168h when not given")
	c.Flags().StringVar(&lock, "lock", "", "s3, in a bucket with object lock: nobody can change or delete what is sent for so long, such as 30d; made longer while the copy is kept")
	c.Flags().BoolVar(&req.TakeOver, "take-over", false, "go on with a copy of this vault that another home wrote")
	return c
}

func parseRate(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > 1<<50 {
		return 0, backup.Errorf(backup.Usage, "Give bytes per second, such as 500KB or 2MB.", "--limit %s is no rate", text)
	}
	return int64(n), nil
}

// parseLock reads a number of days; a shorter lock would end between two runs.
func parseLock(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := parseDays(text)
	if err != nil || d < 2*24*time.Hour || d > 10*365*24*time.Hour {
		return 0, backup.Errorf(backup.Usage, "Give two days or more, such as 30d.", "--lock %s cannot be used", text)
	}
	return d, nil
}

func parseKeep(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := parseDays(text)
	if err != nil || d < time.Hour {
		return 0, backup.Errorf(backup.Usage, "Give an hour or more, such as 72h or 7d.", "--keep-removed %s cannot be used", text)
	}
	return d, nil
}

func addedOffsite(req engine.AddOffsite, a engine.AddedOffsite) message {
	name := req.Name
	text := fmt.Sprintf("The place %s works: %s.\nThe first copy sends %s, about %s.\nStart it: holdfast offsite sync %s. Each backup brings the copy up to date.\n"+
		"Write the recovery kit anew, so that it says how to open this copy: holdfast vault kit --out FILE",
		name, a.Place, size(a.Bytes), max(a.Takes, time.Second), name)
	if req.Lock > 0 {
		text += fmt.Sprintf("\nWhat is sent is locked for %s: until then nobody can change or delete it, you neither, and it takes space.", counted(int(req.Lock.Hours()/24), "day", "days"))
	}
	return message{Text: text, fields: map[string]any{
		"lock_seconds": req.Lock.Seconds(), "name": name, "kind": a.Place.Kind, "where": a.Place.String(), "first_bytes": a.Bytes, "first_seconds": a.Takes.Seconds(),
	}}
}

func (sh *shell) offsiteList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Every copy, and how current it is", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				all, err := e.Offsites(cmd.Context())
				list := offsiteList{}
				for _, o := range all {
					list = append(list, viewOfOffsite(o, e.OnVaultDisk(o.Place)))
				}
				return list, err
			})
		},
	}
}

// offsiteView is a copy as --json shows it.
type offsiteView struct {
	Name        string          `json:"name"`
	Kind        mirror.Kind     `json:"kind"`
	Where       string          `json:"where"`
	LastSuccess *time.Time      `json:"last_success"`
	Bytes       int64           `json:"bytes"`
	Backups     int             `json:"backups"`
	Limit       int64           `json:"limit"`
	KeepRemoved float64         `json:"keep_removed_seconds"`
	Lock        float64         `json:"lock_seconds"` // 0: what is sent is not locked
	State       engine.Standing `json:"state"`
	SameDisk    bool            `json:"same_disk"`
	Failures    int             `json:"failures"`
	NextTry     *time.Time      `json:"next_try"`
	Error       *backup.Fault   `json:"error"`
	Drilled     *trialView      `json:"last_drill"`
	Checked     *trialView      `json:"last_check"`
}

func viewOfOffsite(o engine.Offsite, same bool) offsiteView {
	return offsiteView{
		Name: o.Name, Kind: o.Place.Kind, Where: o.Place.String(), LastSuccess: moment(o.LastSuccess), Bytes: o.Bytes, Backups: o.Backups,
		Limit: o.Limit, KeepRemoved: o.Lag.Seconds(), Lock: o.Lock.Seconds(), State: o.State, SameDisk: same, Failures: o.Failures, NextTry: moment(o.NextTry), Error: o.LastError,
		Drilled: viewOfTrial(o.Drilled), Checked: viewOfTrial(o.Checked),
	}
}

type offsiteList []offsiteView

func (l offsiteList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No off-site copy yet. Add one: holdfast offsite add NAME folder --path DIR")
		return
	}
	t := newTable(w, "NAME", "WHERE", "UP TO DATE", "BACKUPS", "SIZE")
	for _, v := range l {
		last := "never"
		if v.LastSuccess != nil {
			last = v.LastSuccess.Local().Format(time.DateTime)
		}
		t.AppendRow([]any{printable(v.Name), printable(v.Where), last, v.Backups, size(v.Bytes)})
	}
	t.Render()
	for _, v := range l {
		v.remarks(w)
		v.trials(w)
	}
}

// remarks says what a person must know of a copy.
func (v offsiteView) remarks(w io.Writer) {
	if v.Error != nil {
		fmt.Fprintf(w, "%s: %s\n   fix: %s\n", printable(v.Name), paragraph(v.Error.Text), paragraph(v.Error.Hint))
	}
	if v.Lock > 0 {
		fmt.Fprintf(w, "%s is locked: nobody can change or delete it for %s after it was brought up to date.\n", printable(v.Name), counted(int(v.Lock/2/86400), "day", "days"))
	}
	if v.SameDisk {
		fmt.Fprintf(w, "%s is on the vault's own disk: a lost disk loses both.\n", printable(v.Name))
	}
}

func (sh *shell) offsiteTest() *cobra.Command {
	var full bool
	var drill string
	c := &cobra.Command{
		Use: "test NAME", Short: "Write, read and delete at a place; with --full verify every byte of the copy, with --drill try a restore from it",
		Long: "Tries a place by writing, reading and deleting there. With --full the copy is opened, without changing it,\n" +
			"and every byte of every backup in it is read, decrypted and verified: that fetches the whole copy once.\n" +
			"With --drill SANDBOX the copy's newest backup of that sandbox is restored into a scratch database on its server,\n" +
			"read back, compared with the manifest and dropped; nothing in the copy is changed.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if drill != "" {
				return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
					return drilledCopy(e.DrillOffsite(cmd.Context(), args[0], drill))
				})
			}
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				t, err := e.TestOffsite(cmd.Context(), args[0], full)
				text := "The place " + t.Name + " works."
				if t.Full {
					text = fmt.Sprintf("The copy %s is whole: %s in %s, %s; every byte was read and verified.", t.Name, counted(t.Backups, "backup", "backups"), counted(t.Files, "file", "files"), size(t.Bytes))
				}
				return message{Text: text, fields: map[string]any{"name": t.Name, "full": t.Full, "backups": t.Backups, "files": t.Files, "bytes": t.Bytes}}, err
			})
		},
	}
	c.Flags().BoolVar(&full, "full", false, "read and verify every byte of the copy")
	c.Flags().StringVar(&drill, "drill", "", "restore the copy's newest backup of this sandbox into a scratch database, compare, drop it")
	c.MarkFlagsMutuallyExclusive("full", "drill")
	return c
}

func (sh *shell) offsiteSync() *cobra.Command {
	return &cobra.Command{
		Use: "sync [NAME]", Short: "Bring a copy, or all of them, up to date now", Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return sh.withRuns(cmd.Context(), func(e *engine.Engine) (result, error) {
				done, err := e.SyncOffsite(cmd.Context(), name, sh.wait)
				list := syncedList{}
				for _, s := range done {
					err = errors.Join(err, s.Err)
					list = append(list, syncedView{
						Name: s.Name, Sent: s.Result.Sent, Files: s.Result.Files, Bytes: s.Result.Bytes, Backups: s.Result.Backups,
						Removed: s.Result.Removed, Kept: s.Result.Kept, Error: backup.FaultOf(s.Err),
					})
				}
				return list, err
			})
		},
	}
}

// syncedView is what became of a copy, as --json shows it.
type syncedView struct {
	Name    string        `json:"name"`
	Sent    int64         `json:"sent_bytes"`
	Files   int           `json:"sent_files"`
	Bytes   int64         `json:"bytes"`
	Backups int           `json:"backups"`
	Removed int           `json:"removed_files"`
	Kept    int           `json:"kept_files"` // that the vault removed and the copy keeps for some days
	Error   *backup.Fault `json:"error"`
}

type syncedList []syncedView

func (l syncedList) tellsError() bool {
	return slices.ContainsFunc(l, func(v syncedView) bool { return v.Error != nil })
}

func (l syncedList) text(w io.Writer) {
	if len(l) == 0 {
		fmt.Fprintln(w, "No off-site copy yet. Add one: holdfast offsite add NAME folder --path DIR")
	}
	for _, v := range l {
		fmt.Fprintf(w, "The copy %s is up to date: %s, %s. Sent %s in %s.\n", printable(v.Name), counted(v.Backups, "backup", "backups"), size(v.Bytes), size(v.Sent), counted(v.Files, "file", "files"))
	}
}

func (sh *shell) offsiteRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Stop keeping a copy up to date; what is at the place stays there (asks for approval)", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sh.with(cmd.Context(), func(e *engine.Engine) (result, error) {
				if err := e.RemoveOffsite(cmd.Context(), args[0]); err != nil {
					return nil, err
				}
				return message{Text: "The copy " + args[0] + " is no longer kept up to date. What is there stays there.", fields: map[string]any{"name": args[0]}}, nil
			})
		},
	}
}
