// Package demo shows what Holdfast does, for real, on a database of its own: it starts a
// private PostgreSQL, makes a vault, takes an encrypted backup, damages the data, restores it,
// and proves that it is back. Everything lives in a temporary folder and is gone afterwards.
package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"holdfast/app/engine"
	"holdfast/assets"
	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/platform"
)

const sandbox = "shop"

// demo is one run.
type demo struct {
	out    io.Writer
	server *postgres.Private
	engine *engine.Engine
	step   int
}

// Run does it all and tells out what it does. It fails when what comes back is not equal to
// what was there.
func Run(ctx context.Context, out io.Writer, version string) (err error) {
	dir, err := os.MkdirTemp("", "holdfast-demo-")
	if err != nil {
		return fmt.Errorf("temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server's own user passes through to its folder
		return err
	}
	d := &demo{out: out}
	if err := d.start(ctx, dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.server.Stop(context.WithoutCancel(ctx))) }()
	if err := d.open(ctx, filepath.Join(dir, "home"), version); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.engine.Close(context.WithoutCancel(ctx))) }()
	return d.show(ctx)
}

func (d *demo) say(format string, args ...any) {
	d.step++
	fmt.Fprintf(d.out, "%2d. %s\n", d.step, fmt.Sprintf(format, args...))
}

func (d *demo) start(ctx context.Context, dir string) error {
	server, err := postgres.StartPrivate(ctx, filepath.Join(dir, "server"))
	if err != nil {
		return err
	}
	d.server = server
	err = d.exec(ctx, "postgres", "CREATE DATABASE "+sandbox)
	if err == nil {
		err = d.exec(ctx, sandbox, assets.SampleSQL)
	}
	if err != nil {
		return errors.Join(err, server.Stop(context.WithoutCancel(ctx)))
	}
	d.say("Started a private PostgreSQL and filled the sample sandbox %q.", sandbox)
	return nil
}

func (d *demo) open(ctx context.Context, home, version string) error {
	paths := platform.PathsIn(home)
	passphrase := rand.Text()
	e, err := engine.Open(ctx, engine.Options{
		Version: version, Now: time.Now, Zone: time.Local, Paths: &paths, KeyFile: filepath.Join(home, "recovery-key"), Via: backup.ViaCommand,
		Approve: func(_ context.Context, p backup.Prompt) (string, error) {
			fmt.Fprintf(d.out, "\n    Approval (%s): %s.\n    %s\n\n", p.Action, p.What, p.Loss)
			return passphrase, nil
		},
	})
	if err != nil {
		return err
	}
	d.engine = e
	never := func() (string, error) { return "", errors.New("no passphrase is set yet") }
	if err := e.SetPassphrase(ctx, never, func() (string, error) { return passphrase, nil }); err != nil {
		return err
	}
	made, err := e.InitVault(ctx, engine.InitVault{})
	if err != nil {
		return err
	}
	d.say("Made an encrypted vault; its recovery key is in a file of mode 0600, %s.", filepath.Base(made.KeyFile))
	_, err = e.AddSandbox(ctx, backup.Sandbox{Name: sandbox, Connection: d.server.Connection(sandbox)}, engine.PutSandbox{Test: true})
	return err
}

// show backs up, damages, restores and compares.
func (d *demo) show(ctx context.Context) error {
	before, err := d.state(ctx)
	if err != nil {
		return err
	}
	b, err := d.engine.CreateBackup(ctx, sandbox, "before the damage", 0)
	if err != nil {
		return err
	}
	d.say("Took a backup: %d rows in %d tables, %s; the vault grew by %s. Read back: %s.", b.Rows, len(b.Tables), kib(b.RawBytes), kib(b.AddedBytes), b.Verdict)
	if err := d.damage(ctx, before); err != nil {
		return err
	}
	rec, err := d.engine.Restore(ctx, engine.RestoreRequest{Ref: "latest:" + sandbox})
	if err != nil {
		return err
	}
	d.say("Restored: %d rows in %d tables, compared with the manifest, swapped in. The damaged database is kept as %s.", rec.Rows, rec.Tables, rec.Replaced)
	return d.prove(ctx, b, before)
}

func (d *demo) prove(ctx context.Context, b *backup.Backup, before state) error {
	after, err := d.state(ctx)
	if err != nil {
		return err
	}
	if diff := before.diff(after); diff != "" {
		return fmt.Errorf("what came back differs: %s", diff)
	}
	d.say("Proved: rows, contents, sequences and large objects are equal to what was there before the damage.")
	if b, err = d.engine.VerifyBackup(ctx, string(b.ID), true, 0); err != nil {
		return err
	}
	d.say("Drilled: the backup was restored into a scratch database once more, read back and compared: %s.", b.Verdict)
	fmt.Fprintln(d.out, "\nThe demo is over; everything it made is removed.")
	return nil
}

func kib(n int64) string { return fmt.Sprintf("%d KiB", (n+1023)>>10) }
