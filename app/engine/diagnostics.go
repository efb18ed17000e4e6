package engine

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

// mostRuns is how many of the newest runs a bundle tells of.
const mostRuns = 200

// shownRun is a run as a bundle has it: without its note, which is a person's own text, and
// without the names of tables.
type shownRun struct {
	ID       backup.ID      `json:"id"`
	Sandbox  string         `json:"sandbox"`
	Trigger  backup.Trigger `json:"trigger,omitempty"`
	Status   backup.Status  `json:"status"`
	Verdict  backup.Verdict `json:"verdict,omitempty"`
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished"`
	Server   string         `json:"server_version,omitempty"`
	Tools    string         `json:"tools_version,omitempty"`
	Bytes    int64          `json:"raw_bytes"`
	Added    int64          `json:"added_bytes"`
	Error    *backup.Fault  `json:"error,omitempty"`
}

// Diagnostics writes a bundle for who is to help into a new 0600 file, a zip: versions,
// configuration, log, check-up, plans, and the newest runs. No password, key, passphrase, command of a
// person's own, note or content of a database is in it.
func (e *Engine) Diagnostics(ctx context.Context, out string) error {
	text, err := e.bundle(ctx)
	if err == nil {
		if err = platform.WriteFileNew(out, text, 0o600); err != nil {
			err = &backup.Error{Kind: backup.Usage, Text: "the bundle cannot be written to " + out, Hint: "Name a file that is not there yet, in a folder that is.", Err: err}
		}
	}
	return backup.WithOp("write a diagnostics bundle", err)
}

func (e *Engine) bundle(ctx context.Context) ([]byte, error) {
	settings, err := e.config.Redacted()
	if err != nil {
		return nil, err
	}
	runs, err := e.shownRuns(ctx)
	if err != nil {
		return nil, err
	}
	plans, err := e.Plans(ctx)
	if err != nil {
		return nil, err
	}
	log, unread := e.logFile().Text()
	if unread != nil {
		log = []byte("the log cannot be read: " + unread.Error() + "\n")
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	put := func(name string, text []byte) {
		w, createErr := z.Create(name)
		if createErr == nil {
			_, createErr = w.Write(text)
		}
		err = errors.Join(err, createErr)
	}
	putJSON := func(name string, value any) {
		text, marshalErr := json.MarshalIndent(value, "", "  ")
		err = errors.Join(err, marshalErr)
		put(name, text)
	}
	putJSON("versions.json", e.versions())
	put("config.toml", settings)
	put("holdfast.log", log)
	putJSON("checkup.json", e.CheckUp(ctx))
	putJSON("plans.json", plans)
	putJSON("runs.json", runs)
	err = errors.Join(err, z.Close()) // it writes the list of what is in it
	return out.Bytes(), err
}

func (e *Engine) shownRuns(ctx context.Context) (list []shownRun, err error) {
	all, err := e.catalog.Backups(ctx, backup.Query{Deleted: true})
	if err != nil {
		return nil, err
	}
	for i := range all[:min(len(all), mostRuns)] {
		b := &all[i]
		list = append(list, shownRun{
			ID: b.ID, Sandbox: b.Sandbox, Trigger: b.Trigger, Status: b.Status, Verdict: b.Verdict, Started: b.Started, Finished: b.Finished,
			Server: b.ServerVersion, Tools: b.ToolsVersion, Bytes: b.RawBytes, Added: b.AddedBytes, Error: b.Error,
		})
	}
	restores, err := e.catalog.Restores(ctx)
	for i := range restores[:min(len(restores), mostRuns)] {
		r := &restores[i]
		list = append(list, shownRun{ID: r.ID, Sandbox: r.Sandbox, Trigger: "restore", Status: r.Status, Started: r.Started, Finished: r.Finished, Error: r.Error})
	}
	return list, err
}

func (e *Engine) versions() map[string]string {
	v := map[string]string{
		"holdfast": e.opts.Version, "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH,
		"processors": fmt.Sprint(runtime.NumCPU()), "made": e.opts.Now().UTC().Format(time.RFC3339), "zone": e.zone().String(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			v[m.Path] = m.Version
		}
	}
	return v
}

// Places says where what Holdfast keeps is, by what it is.
type Places struct {
	Home   string `json:"home"`
	Config string `json:"config"`
	Vault  string `json:"vault"`
	Log    string `json:"log"`
}

// Places gives them, all absolute.
func (e *Engine) Places() Places {
	return Places{Home: e.paths.Home, Config: e.paths.Config, Vault: e.VaultPath(), Log: e.logFile().Path}
}
