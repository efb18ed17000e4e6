package engine

import (
	"context"
	"fmt"
	"os"

	"holdfast/app/config"
	"holdfast/backup"
)

// Finding is one thing that was looked at.
type Finding struct {
	What  string        `json:"what"`
	OK    bool          `json:"ok"`
	Text  string        `json:"text"`
	Fault *backup.Fault `json:"error,omitempty"`
}

// CheckUp looks at everything that must be right for backups to come: configuration, vault, key,
// passphrase, and each sandbox's server and client tools. Nothing is changed.
func (e *Engine) CheckUp(ctx context.Context) []Finding {
	list := []Finding{found("configuration", e.checkConfig(), e.paths.Config+" is readable")}
	vaultOK := "open at " + e.VaultPath()
	_, err := e.vault.get(ctx)
	list = append(list, found("vault", err, vaultOK), found("approval passphrase", e.gate.Ready(), "set"))
	_, err = e.rules.Policy(ctx, "")
	list = append(list, found("rules of the gate", err, "sealed and the newest"))
	for _, s := range e.Sandboxes() {
		if s.FoldersOnly {
			list = append(list, found("sandbox "+s.Name, foldersThere(s), fmt.Sprintf("its folders are there: %d", len(s.Media))))
			continue
		}
		pre, err := e.server.Preflight(ctx, s)
		list = append(list, found("sandbox "+s.Name, err, "PostgreSQL "+pre.ServerVersion+", pg_dump "+pre.ToolsVersion))
	}
	return list
}

// foldersThere says which folder of a sandbox cannot be read.
func foldersThere(s backup.Sandbox) error {
	_, err := MediaPaths(s.Media)
	return err
}

func found(what string, err error, ok string) Finding {
	if err == nil {
		return Finding{What: what, OK: true, Text: ok}
	}
	fault := backup.FaultOf(err)
	return Finding{What: what, Text: fault.Text, Fault: fault}
}

func (e *Engine) checkConfig() error {
	_, warning, err := e.store.Load()
	if err == nil && warning != "" {
		err = backup.Errorf(backup.Failed, "Mend the file, or copy "+e.store.LastGood()+" over it.", "%s", warning)
	}
	return err
}

// ConfigText gives the configuration for another machine; "" while there is none. Of the addresses that
// are told it has the host alone; commands of a person's own are as they were written.
func (e *Engine) ConfigText() (string, error) {
	if _, err := os.Stat(e.paths.Config); os.IsNotExist(err) {
		return "", nil
	}
	text, err := e.config.Exported()
	return string(text), err
}

// ImportConfig replaces the configuration by another one, after checking it. The vault's place
// stays, and so do those of its copies: what is imported may come from another machine. An address that
// the export left out stays too.
func (e *Engine) ImportConfig(ctx context.Context, text []byte) error {
	op := "import the configuration"
	next, warning, err := config.Parse(text)
	if err != nil {
		return backup.WithOp(op, err)
	}
	if warning != "" {
		e.warn(warning)
	}
	return e.change(ctx, op, "", func() error {
		return e.update(ctx, func(c *config.Config) error {
			next.Vault, next.Offsite = c.Vault, c.Offsite
			for _, key := range next.KeepHidden(c) {
				e.warn("the address " + key + " is not in what was imported; write it into " + e.paths.Config)
			}
			*c = *next
			return nil
		})
	})
}
