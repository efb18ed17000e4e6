package engine

import (
	"bytes"
	"context"
	"crypto/subtle"
	"os"
	"path/filepath"
	"strings"

	"holdfast/app/kit"
	"holdfast/backup"
	"holdfast/platform"
)

// RecoveryKey gives the vault's recovery key, after a person approved.
func (e *Engine) RecoveryKey(ctx context.Context) (key backup.RecoveryKey, err error) {
	err = e.export(ctx, "show the recovery key", "Show the recovery key: whoever has it reads every backup", "", func() error {
		key, err = e.key(ctx)
		return err
	})
	return key, err
}

// WriteKit writes the recovery kit into a new 0600 file, after a person approved: as PDF when the
// name ends so, else as text.
func (e *Engine) WriteKit(ctx context.Context, out string) error {
	return e.export(ctx, "write the recovery kit", "Write the recovery kit, with the recovery key in clear, into "+out, out, func() error {
		key, err := e.key(ctx)
		if err != nil {
			return err
		}
		return e.writeKit(ctx, key, out)
	})
}

// KeepKit writes the recovery kit into a new 0600 file for whoever has the key before them: at the
// first start. A key that is not the vault's is Refused.
func (e *Engine) KeepKit(ctx context.Context, key backup.RecoveryKey, out string) error {
	const op = "write the recovery kit"
	known, err := e.key(ctx)
	if err == nil && subtle.ConstantTimeCompare([]byte(known), []byte(key)) != 1 {
		err = backup.Errorf(backup.Refused, "Write it with an approval: holdfast vault kit --out FILE", "that is not the vault's key")
	}
	if err != nil {
		return backup.WithOp(op, err)
	}
	return backup.WithOp(op, e.writeKit(ctx, key, out))
}

func (e *Engine) writeKit(ctx context.Context, key backup.RecoveryKey, out string) error {
	status, err := e.VaultStatus(ctx)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	sheet := kit.Kit{Key: string(key), Vault: status.Path, VaultID: status.ID, Host: host, Made: e.opts.Now().In(e.zone())}
	for _, o := range e.config.Offsite {
		sheet.Copies = append(sheet.Copies, kit.Copy{Name: o.Name, Where: o.String(), Open: o.OpenCommand(), Stock: o.StockCommand()})
	}
	write := sheet.Text
	if strings.EqualFold(filepath.Ext(out), ".pdf") {
		write = sheet.PDF
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	if err := platform.WriteFileNew(out, text.Bytes(), 0o600); err != nil {
		return &backup.Error{Kind: backup.Usage, Text: "the recovery kit cannot be written to " + out, Hint: "Name a file that is not there yet, in a folder that is.", Err: err}
	}
	if err := e.KitKept(ctx); err != nil {
		e.warn("a reminder may ask for the kit again: " + backup.AsError(err).Text)
	}
	return nil
}

// export does something behind the gate's key for what leaves Holdfast in clear.
func (e *Engine) export(ctx context.Context, op, what, object string, do func() error) error {
	grant, err := e.runner.Gate.Request(ctx, backup.Request{Op: op, Action: backup.ActionExport, Object: object, Who: who(), What: what})
	if err != nil {
		return err
	}
	if err := grant.Use(); err != nil {
		return err
	}
	return grant.Outcome(ctx, backup.WithOp(op, do()))
}
