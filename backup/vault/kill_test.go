package vault_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault"
)

// roleVariable makes the test binary play another process.
const roleVariable = "VAULT_TEST_ROLE"

// TestMain plays that process, or finds goroutines that outlive their vault.
func TestMain(m *testing.M) {
	var err error
	switch role := os.Getenv(roleVariable); role {
	case "":
		goleak.VerifyTestMain(m)
	case "write":
		err = writeForEver()
	case "cycle":
		err = cycle()
	case "rekey":
		err = changeForEver()
	case "measure":
		err = writeAndRead()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err, backup.AsError(err).Err)
		os.Exit(1)
	}
}

// child starts the test binary in a role, at work on o's vault.
func child(t *testing.T, role string, o vault.Options) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, "VAULT_TEST_PATH="+o.Path, "VAULT_TEST_CONFIG="+o.ConfigFile)
	cmd.Stderr = os.Stderr
	return cmd
}

func childOpen(ctx context.Context) (*vault.Vault, error) {
	return vault.Open(ctx, vault.Options{
		Path: os.Getenv("VAULT_TEST_PATH"), ConfigFile: os.Getenv("VAULT_TEST_CONFIG"),
		Home: "home-1", Host: "workstation", Clock: time.Now,
	}, testKey)
}

// writeForEver says "ready" when a good part of a backup is on disk, and goes on.
func writeForEver() error {
	ctx := context.Background()
	v, err := childOpen(ctx)
	if err != nil {
		return err
	}
	w, err := v.Write(ctx, 0)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := writePart(ctx, w, fmt.Sprintf("data/%d.copy", i), noise(uint64(1000+i), 11*mega)); err != nil {
			return err
		}
		if i == 2 {
			fmt.Println("ready")
		}
	}
}

func TestKilledWriter(t *testing.T) {
	o := options(t)
	v := create(t, o)
	kept := map[string][]byte{"data/1.copy": noise(1, mega)}
	id := put(t, v, "shop", kept).Manifest.ID
	_, err := v.Clean(t.Context(), 0)
	ok(t, err)
	before := size(t, o.Path)

	for _, next := range []string{"clean", "write"} {
		cmd := child(t, "write", o)
		out, err := cmd.StdoutPipe()
		ok(t, err)
		ok(t, cmd.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || line != "ready\n" {
			t.Fatalf("the child says %q, %v", line, err)
		}
		_, err = v.Clean(t.Context(), 0)
		refused(t, err, backup.Busy, fmt.Sprintf("a backup of process %d", cmd.Process.Pid))
		ok(t, cmd.Process.Kill())
		_ = cmd.Wait() // says that it was killed
		// What a kill leaves of a blob that has no name yet.
		ok(t, os.WriteFile(filepath.Join(o.Path, "p", "abc.f.tmp.0011223344556677"), noise(5, mega), 0o600))
		if size(t, o.Path) < before+25*mega {
			t.Fatal("the child wrote nothing; the test proves nothing")
		}
		if next == "clean" {
			freed, err := v.Clean(t.Context(), 0)
			ok(t, err)
			if freed < 25*mega {
				t.Errorf("freed %d bytes", freed)
			}
		} else {
			put(t, v, "shop", kept)
		}
		if after := size(t, o.Path); after > before+50_000 {
			t.Errorf("%s: the vault has %d bytes, %d before:\n%s", next, after, before, describe(files(t, o.Path)))
		}
		same(t, v, id, kept)
		ok(t, v.Verify(t.Context(), id, 0, nil))
	}
}

// cycle takes backups, and deletes and cleans, until it is killed.
func cycle() error {
	ctx := context.Background()
	v, err := childOpen(ctx)
	if err != nil {
		return err
	}
	for seed := uint64(time.Now().UnixNano()); ; seed++ {
		w, err := v.Write(ctx, time.Minute)
		if err != nil {
			return err
		}
		for i := range 3 {
			if err := writePart(ctx, w, fmt.Sprintf("data/%d.copy", i), noise((seed+uint64(i))%64, 3*mega)); err != nil {
				return err
			}
		}
		if seed%5 == 0 {
			err = w.Abort(ctx)
		} else {
			_, err = w.Commit(ctx, newManifest("shop", nil))
		}
		if err != nil {
			return err
		}
		list, err := v.List(ctx)
		if err != nil {
			return err
		}
		if len(list) > 3 { // never the oldest: the parent reads it
			if _, err := v.Delete(ctx, time.Minute, list[1].Manifest.ID); err != nil {
				return err
			}
		}
	}
}

func TestKilledAnywhere(t *testing.T) {
	rounds := tally.Rounds(t, 5)
	row := tally.Of(t, "vault: killed while writing, deleting and cleaning")
	o := options(t)
	v := create(t, o)
	kept := map[string][]byte{"data/1.copy": noise(99, 3*mega)}
	id := put(t, v, "kept", kept).Manifest.ID
	for round := range rounds {
		if round > 0 && row.Over(time.Minute) {
			break
		}
		row.Try("any")
		cmd := child(t, "cycle", o)
		ok(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			t.Fatalf("round %d: the child ended by itself: %v", round, err)
		case <-time.After(time.Duration(150+rand.IntN(700)) * time.Millisecond):
		}
		ok(t, cmd.Process.Kill())
		<-ended

		again, err := vault.Open(t.Context(), o, testKey)
		ok(t, err)
		list, err := again.List(t.Context())
		ok(t, err)
		results, err := again.VerifyAll(t.Context(), true, 0, nil)
		ok(t, err)
		if len(again.Warnings()) > 0 || len(results) != len(list) {
			t.Errorf("round %d: %d backups, %d verified, warnings %q", round, len(list), len(results), again.Warnings())
		}
		for _, err := range results {
			ok(t, err)
		}
		same(t, again, id, kept)
		ok(t, again.Close(t.Context()))
	}
	list, err := v.List(t.Context())
	ok(t, err)
	var all []backup.ID
	for _, s := range list {
		all = append(all, s.Manifest.ID)
	}
	_, err = v.Delete(t.Context(), 0, all...)
	ok(t, err)
	if left := size(t, o.Path); left > 200_000+int64(rounds)*5_000 { // index blobs are merged after hours only
		t.Errorf("%d bytes are left of nothing:\n%s", left, describe(files(t, o.Path)))
	}
	t.Logf("left after %d rounds: %d bytes in %d files", rounds, size(t, o.Path), len(files(t, o.Path)))
}

// writeAndRead takes a backup of 400 MB in four parts at once, verifies and reads it, and says
// how much memory that took.
func writeAndRead() error {
	ctx := context.Background()
	v, err := childOpen(ctx)
	if err != nil {
		return err
	}
	w, err := v.Write(ctx, 0)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { errs[i] = writeStream(ctx, w, fmt.Sprintf("data/%d.copy", i), byte(i)) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	fmt.Println("written", peak())
	m := newManifest("shop", nil)
	if _, err := w.Commit(ctx, m); err != nil {
		return err
	}
	fmt.Println("committed", peak())
	if err := v.Verify(ctx, m.ID, 0, nil); err != nil {
		return err
	}
	fmt.Println("verified", peak())
	if _, err := v.Delete(ctx, 0, m.ID); err != nil {
		return err
	}
	fmt.Println("peak", peak())
	return nil
}

// writeStream writes text of digits: it compresses to about half, and nothing of it repeats.
func writeStream(ctx context.Context, w backup.Sink, name string, seed byte) error {
	p, err := w.Create(ctx, name)
	if err != nil {
		return err
	}
	random := rand.NewChaCha8([32]byte{seed})
	raw := make([]byte, 32<<10)
	for range 100 * mega / (2 * len(raw)) {
		random.Read(raw)
		if _, err := p.Write([]byte(hex.EncodeToString(raw))); err != nil {
			return err
		}
	}
	return p.Seal()
}

// peak gives the most memory that the process ever had, in MiB.
func peak() int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb / 1024
		}
	}
	return 0
}

func TestMemoryIsBounded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	o := options(t)
	create(t, o)
	cmd := child(t, "measure", o)
	cmd.Env = append(cmd.Environ(), "GOMEMLIMIT=88MiB") // as the program sets for itself
	out, err := cmd.Output()
	ok(t, err)
	t.Logf("%s", out)
	_, last, found := strings.Cut(string(out), "peak ")
	n, err := strconv.Atoi(strings.TrimSpace(last))
	if !found || err != nil || n == 0 {
		t.Fatalf("the child says %q", out)
	}
	const raceFactor = 3
	if limit := 200; n > limit && !(raceEnabled && n < limit*raceFactor) {
		t.Errorf("the process needed %d MiB", n)
	}
}
