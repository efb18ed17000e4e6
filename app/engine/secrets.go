package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/backup/envfile"
	"holdfast/backup/secrets"
	"holdfast/backup/workspace"
	"holdfast/platform"
)

// printKey is the key of fingerprints of secret files. Nothing but the vault's key leads to it.
func (e *Engine) printKey(ctx context.Context) ([]byte, error) {
	if !e.HasVault() {
		return nil, nil
	}
	key, err := e.keys.Load(ctx)
	if err != nil {
		return nil, err
	}
	return e.derived.Key(key, secret.ForPrints)
}

// exportedSecret is what is remembered of a secret file that was exported.
type exportedSecret struct {
	Print string    `json:"print"`
	At    time.Time `json:"at"`
}

func secretsFact(sandbox string) string { return "secrets exported " + sandbox }

func (e *Engine) exportedSecrets(ctx context.Context, sandbox string) (map[string]exportedSecret, error) {
	known := map[string]exportedSecret{}
	text, err := e.catalog.Fact(ctx, secretsFact(sandbox))
	if err == nil && text != "" && json.Unmarshal([]byte(text), &known) != nil {
		known = map[string]exportedSecret{} // what nobody can read was never exported
	}
	return known, err
}

// changedSecrets gives those that are not as they were exported last.
func (e *Engine) changedSecrets(ctx context.Context, sandbox string, seen []workspace.Secret) ([]backup.SecretStanding, error) {
	known, err := e.exportedSecrets(ctx, sandbox)
	var list []backup.SecretStanding
	for _, s := range seen {
		old, was := known[s.Path]
		if s.Print != "" && s.Print != old.Print {
			list = append(list, backup.SecretStanding{Path: s.Path, New: !was, Modified: s.Modified, Print: s.Print})
		}
	}
	return list, err
}

// SecretFile is a secret file of a sandbox, without what is in it.
type SecretFile struct {
	Path     string    `json:"path"`
	Modified time.Time `json:"modified,omitzero"`
	Exported time.Time `json:"exported,omitzero"` // zero: never
	Changed  bool      `json:"changed"`           // since it was exported
	Problem  string    `json:"problem,omitempty"` // why it cannot be read
}

// SecretFiles gives the secret files of a sandbox: those in its code folders, and those it names.
// notes say why these may not be all.
func (e *Engine) SecretFiles(ctx context.Context, sandbox string) (list []SecretFile, notes []string, err error) {
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return nil, nil, err
	}
	if err := e.mayRead(ctx, sandbox, ""); err != nil {
		return nil, nil, err
	}
	key, err := e.printKey(ctx)
	if err != nil {
		return nil, nil, err
	}
	known, err := e.exportedSecrets(ctx, sandbox)
	if err != nil {
		return nil, nil, err
	}
	seen := look(ctx, s, key)
	for _, f := range seen.Secrets {
		old := known[f.Path]
		list = append(list, SecretFile{Path: f.Path, Modified: f.Modified, Exported: old.At, Changed: f.Print != old.Print, Problem: f.Problem})
	}
	return list, seen.Partial, nil
}

// ExportSecrets asks for secret files in a form that keeps them.
type ExportSecrets struct {
	Sandbox    string
	Format     string
	Files      []string // of the sandbox's secret files; empty: all of them
	Out        string
	Replace    bool   // replace a file that is there
	Passphrase string // of the sealed formats
}

// ExportedSecrets is an export that is complete.
type ExportedSecrets struct {
	Path   string         `json:"path"`
	Format secrets.Format `json:"format"`
	Files  []string       `json:"files"`
	Plain  bool           `json:"plain"` // whoever can read the file has the secrets
	Hint   string         `json:"hint"`
}

// ExportSecrets writes secret files of a sandbox into a file of mode 0600, which is there whole or
// not at all, after a person approved.
func (e *Engine) ExportSecrets(ctx context.Context, req ExportSecrets) (*ExportedSecrets, error) {
	op := "export the secrets of " + req.Sandbox
	format, err := secrets.ParseFormat(req.Format)
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	if !format.Plain() && req.Passphrase == "" {
		return nil, backup.WithOp(op, backup.Errorf(backup.Usage, "Give it with --seal-file FILE.", "the format %s needs a passphrase", format))
	}
	out, err := req.place()
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	chosen, err := e.chosenSecrets(ctx, req)
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	ask := backup.Request{
		Op: op, Action: backup.ActionExport, Sandbox: req.Sandbox, Object: out, Who: who(),
		What: fmt.Sprintf("Write secrets of %s for %s into %s: %s", req.Sandbox, format, out, strings.Join(chosen, ", ")),
	}
	if format.Plain() {
		ask.Loss = "What is written is not encrypted: whoever can read it has all the secrets."
	}
	grant, err := e.runner.Gate.Request(ctx, ask)
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	grant.Note(out)
	err = grant.Outcome(ctx, backup.WithOp(op, e.exportSecrets(ctx, req, format, chosen, out)))
	if err != nil {
		return nil, err
	}
	return &ExportedSecrets{Path: out, Format: format, Files: chosen, Plain: format.Plain(), Hint: format.Open(backup.ShellWord(out))}, nil
}

// place finds the path, and makes sure that nothing is replaced unless that was asked for.
func (req *ExportSecrets) place() (string, error) {
	if req.Out == "" {
		return "", backup.Errorf(backup.Usage, "Name it: --out FILE", "there is no file to write to")
	}
	out, err := filepath.Abs(req.Out)
	if err != nil {
		return "", fmt.Errorf("path of the export: %w", err)
	}
	info, err := os.Lstat(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return out, nil
	case err != nil:
		return "", outError(out, err)
	case !info.Mode().IsRegular():
		return "", backup.Errorf(backup.Usage, "Choose another name.", "%s is there already, and is no file", out)
	case !req.Replace:
		return "", backup.Errorf(backup.Usage, "Choose another name, or replace it with --yes.", "%s is there already", out)
	}
	return out, nil
}

// chosenSecrets gives the paths of the files that go along.
func (e *Engine) chosenSecrets(ctx context.Context, req ExportSecrets) ([]string, error) {
	s, err := e.Sandbox(req.Sandbox)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range look(ctx, s, nil).Secrets {
		all = append(all, f.Path)
	}
	if len(all) == 0 {
		return nil, backup.Errorf(backup.Usage, "Name its code folders or its secret files: holdfast sandbox edit "+s.Name+" --code DIR --secret FILE", "the sandbox %s has no secret files", s.Name)
	}
	if len(req.Files) == 0 {
		return all, nil
	}
	var chosen []string
	for _, name := range req.Files {
		real, err := workspace.CleanFile(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, real) {
			return nil, backup.Errorf(backup.Usage, "See: holdfast secrets list "+s.Name, "%s is no secret file of %s", name, s.Name)
		}
		chosen = append(chosen, real)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}

// exportSecrets reads the files, writes them, and remembers their fingerprints.
func (e *Engine) exportSecrets(ctx context.Context, req ExportSecrets, format secrets.Format, chosen []string, out string) error {
	s, err := e.Sandbox(req.Sandbox)
	if err != nil {
		return err
	}
	key, err := e.printKey(ctx)
	if err != nil {
		return err
	}
	known, err := e.exportedSecrets(ctx, req.Sandbox)
	if err != nil {
		return err
	}
	var files []secrets.File
	for _, file := range chosen {
		text, err := envfile.Read(file)
		if err != nil {
			return &backup.Error{Kind: backup.Failed, Text: "the secret file " + file + " cannot be read", Hint: "Is it there, yours to read, and less than 1 MiB? Or choose others with --file.", Err: err}
		}
		f := secrets.File{Name: freshName(files, path.Join(s.Name, shortPath(file, s.Code))), Text: text}
		if info, err := os.Stat(file); err == nil {
			f.Modified = info.ModTime()
		}
		files = append(files, f)
		if len(key) > 0 {
			known[file] = exportedSecret{Print: workspace.Fingerprint(key, text), At: e.opts.Now().UTC()}
		}
	}
	_, err = platform.StreamFileAtomic(out, 0o600, func(f *os.File) error { return secrets.Write(format, files, req.Passphrase, f) })
	if _, ours := errors.AsType[*backup.Error](err); err != nil && !ours {
		return outError(out, err)
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return e.catalog.SetFact(ctx, secretsFact(req.Sandbox), string(text))
}

// freshName gives a name that none of the files has yet.
func freshName(files []secrets.File, name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(files, func(f secrets.File) bool { return strings.EqualFold(f.Name, n) })
	}
	fresh := name
	for n := 2; taken(fresh); n++ {
		fresh = fmt.Sprintf("%s-%d", name, n)
	}
	return fresh
}
