package mirror_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault"
	"holdfast/backup/vault/mirror"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestEveryKindOfPlace takes a copy through its life at each kind of place.
func TestEveryKindOfPlace(t *testing.T) {
	t.Parallel()
	for name, p := range mirrortest.All(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t)
			h := newHome(v)
			first, second := noise(1, 3<<20), noise(2, 1<<20)
			one := put(t, v, first)
			s := connect(t, p, mirror.Options{Create: true})
			if _, _, err := mirror.Probe(t.Context(), s, time.Now); err != nil {
				t.Fatal(err)
			}
			h.sync(t, v, s)

			before, err := v.Status(t.Context())
			ok(t, err)
			two := put(t, v, second)
			after, err := v.Status(t.Context())
			ok(t, err)
			result := h.sync(t, v, s)
			if grown := after.Bytes - before.Bytes; float64(result.Sent) > 1.05*float64(grown) {
				t.Errorf("sent %d bytes for %d new ones of the vault", result.Sent, grown)
			}
			if again := h.sync(t, v, s); again.Files != 0 {
				t.Errorf("sent %d files though nothing was new", again.Files)
			}

			checked, err := mirror.Check(t.Context(), s, testKey, time.Now, nil)
			ok(t, err)
			if checked.Backups != 2 {
				t.Errorf("the check saw %d backups, want 2", checked.Backups)
			}
			copied := fetched(t, s)
			same(t, copied, one, first)
			same(t, copied, two, second)
			if _, err := mirror.Fetch(t.Context(), s, filepath.Join(t.TempDir(), "v"), "another key", time.Now, nil); backup.KindOf(err) != backup.Damaged {
				t.Errorf("another key: %v", err)
			}
		})
	}
}

// TestCutIsResumed cuts the connection in the middle of the first copy, again until some file is there: a
// machine under load may have begun all and ended none. The next run sends only what is missing, and
// the place opens only when all is there.
func TestCutIsResumed(t *testing.T) {
	t.Parallel()
	tally.Of(t, "off-site: the line is cut").Try("the moments in the test")
	all := mirrortest.All(t)
	delete(all, "folder")
	for name, p := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t)
			h := newHome(v)
			var id backup.ID
			for i := range byte(10) {
				id = put(t, v, noise(i, 1<<20))
			}
			cut := connect(t, p, mirror.Options{Create: true, Patience: 3 * time.Second, Slowest: 1 << 30})
			begun := 0
			for begun == 0 {
				p.Wire.Left.Store(7 << 20)
				first, err := mirror.Sync(t.Context(), v, cut, h.Request)
				fails(t, err, backup.Unreachable, "the place does not answer")
				begun = first.Files
			}

			p.Wire.Left.Store(mirrortest.Endless)
			s := connect(t, p, mirror.Options{})
			_, err := mirror.Fetch(t.Context(), s, filepath.Join(t.TempDir(), "v"), testKey, time.Now, nil)
			fails(t, err, backup.Damaged, "was never finished")
			whole := newHome(v).sync(t, v, connect(t, mirrortest.Folder(t), mirror.Options{Create: true})).Files
			if second := h.sync(t, v, s).Files; begun+second > whole {
				t.Errorf("the first run sent %d files and the second one %d, of %d", begun, second, whole)
			}
			same(t, fetched(t, s), id, noise(9, 1<<20))
		})
	}
}

func TestWrongCredentialsAreSaid(t *testing.T) {
	t.Parallel()
	all := mirrortest.All(t)
	s3, dav, ssh := all["s3"], all["webdav"], all["sftp"]
	s3.AccessKeyID = "AKIAOTHER"
	dav.Secret = "wrong"
	_, ssh.Identity = mirrortest.NewIdentity(t, t.TempDir())
	wrong := []mirrortest.Place{s3, dav, ssh}
	if p, there := all["openssh"]; there {
		p.Identity = ssh.Identity
		wrong = append(wrong, p)
		p = all["openssh"]
		p.User = "nobody_of_that_name"
		wrong = append(wrong, p)
	}
	if p, there := all["versitygw"]; there {
		p.Bucket = "not-there"
		_, err := mirror.Open(t.Context(), p.Place, mirror.Options{Secret: p.Secret, Create: true})
		fails(t, err, backup.Unreachable, "no such bucket")
		p = all["versitygw"]
		p.AccessKeyID = "AKIAOTHER"
		wrong = append(wrong, p)
		p = all["versitygw"]
		p.Secret = "wrong"
		wrong = append(wrong, p)
	}
	for _, p := range wrong {
		_, err := mirror.Open(t.Context(), p.Place, mirror.Options{Secret: p.Secret, Create: true})
		fails(t, err, backup.Unreachable, "refuses these credentials")
	}
}

func TestHostKeyIsPinned(t *testing.T) {
	t.Parallel()
	all, others := mirrortest.All(t), mirrortest.All(t)
	for name, p := range all {
		if p.Kind != mirror.SFTP {
			continue
		}
		_, err := p.Pin(t.Context(), "")
		fails(t, err, backup.Refused, "SHA256:")
		_, err = p.Pin(t.Context(), "SHA256:AAAA")
		fails(t, err, backup.Refused, "not the one given")
		connect(t, p, mirror.Options{Create: true})
		p.Wire.Lead(others[name].Wire) // another server answers at the same address
		_, err = mirror.Open(t.Context(), p.Place, mirror.Options{})
		fails(t, err, backup.Refused, "somebody may be in between")
	}
}

func TestTamperedFileIsNamed(t *testing.T) {
	t.Parallel()
	tally.Of(t, "off-site: files tampered with").Try("the moments in the test")
	v, p := newVault(t), mirrortest.Folder(t)
	put(t, v, noise(4, 2<<20))
	s := connect(t, p, mirror.Options{Create: true})
	h := newHome(v)
	h.sync(t, v, s)
	packs, err := filepath.Glob(filepath.Join(p.Path, "p", "*.f"))
	ok(t, err)
	text, err := os.ReadFile(packs[0])
	ok(t, err)
	text[len(text)/2] ^= 1
	ok(t, os.WriteFile(packs[0], text, 0o600))
	_, err = mirror.Check(t.Context(), s, testKey, time.Now, nil)
	fails(t, err, backup.Damaged, "the first is p"+filepath.Base(packs[0][:len(packs[0])-2]))

	short := text[:len(text)/2]
	ok(t, os.WriteFile(packs[0], short, 0o600))
	_, err = mirror.Sync(t.Context(), v, s, h.Request)
	fails(t, err, backup.Damaged, "not as long as the vault's")
	if kept, _ := os.ReadFile(packs[0]); !bytes.Equal(kept, short) {
		t.Error("a file of the copy was overwritten")
	}
	ok(t, os.Remove(packs[0]))
	h.sync(t, v, s)
	_, err = mirror.Check(t.Context(), s, testKey, time.Now, nil)
	ok(t, err)

	indexes, err := filepath.Glob(filepath.Join(p.Path, "x", "n*.f"))
	ok(t, err)
	text, err = os.ReadFile(indexes[0])
	ok(t, err)
	text[len(text)/2] ^= 1
	ok(t, os.WriteFile(indexes[0], text, 0o600))
	_, err = mirror.Check(t.Context(), s, testKey, time.Now, nil)
	fails(t, err, backup.Damaged, "x"+filepath.Base(indexes[0][:len(indexes[0])-2]))
}

func TestWhatIsNotThisHomesIsRefused(t *testing.T) {
	t.Parallel()
	v, p := newVault(t), mirrortest.Folder(t)
	put(t, v, noise(5, 1000))
	s := connect(t, p, mirror.Options{Create: true})
	h := newHome(v)
	h.sync(t, v, s)

	other := newVault(t)
	put(t, other, noise(6, 1000))
	_, err := mirror.Sync(t.Context(), other, s, newHome(other).Request)
	fails(t, err, backup.Refused, "holds the copy of another vault")

	moved := newHome(v)
	moved.Writer.Home, moved.Writer.Host = "home-2", "laptop"
	_, err = mirror.Sync(t.Context(), v, s, moved.Request)
	fails(t, err, backup.Refused, "written by another home, on desk")

	clone := *h // the same home, restored from an image of a week ago
	h.sync(t, v, s)
	_, err = mirror.Sync(t.Context(), v, s, clone.Request)
	fails(t, err, backup.Refused, "newer than this home knows")

	claimed, err := mirror.Claim(t.Context(), s, moved.Writer, true)
	ok(t, err)
	moved.Writer.Known = claimed.Generation
	moved.sync(t, v, s)
	_, err = mirror.Sync(t.Context(), v, s, h.Request)
	fails(t, err, backup.Refused, "another home, on laptop")

	ok(t, os.Remove(filepath.Join(p.Path, "holdfast.copy.f")))
	_, err = mirror.Sync(t.Context(), v, s, moved.Request)
	fails(t, err, backup.Unreachable, "not there any more")
	_, err = mirror.Claim(t.Context(), s, newHome(v).Writer, false)
	fails(t, err, backup.Refused, "no record of")
	_, err = mirror.Open(t.Context(), mirror.Place{Kind: mirror.Folder, Path: v.Path()}, mirror.Options{})
	fails(t, err, backup.Refused, "is a vault that is written to")
}

// TestDeletionsLag deletes a backup: the copy hides it at once and drops its bytes days later.
func TestDeletionsLag(t *testing.T) {
	t.Parallel()
	tally.Of(t, "off-site: deletions lag").Try("the moments in the test")
	v, p := newVault(t), mirrortest.Folder(t)
	now := time.Now()
	h := newHome(v)
	h.Now = func() time.Time { return now }
	gone, kept := put(t, v, noise(7, 2<<20)), put(t, v, noise(8, 1<<20))
	s := connect(t, p, mirror.Options{Create: true})
	full := h.sync(t, v, s)
	_, err := v.Delete(t.Context(), 0, gone)
	ok(t, err)

	if result := h.sync(t, v, s); result.Kept == 0 || result.Removed != 0 || result.Bytes > full.Bytes/2 {
		t.Errorf("after the deletion: %+v", result)
	}
	if held := folderBytes(t, p.Path); held < full.Bytes {
		t.Errorf("the place holds %d bytes of %d", held, full.Bytes)
	}
	if list := ids(t, fetched(t, s)); list[gone] || !list[kept] {
		t.Errorf("the copy lists %v", list)
	}
	raw := options(t.TempDir()) // as the kopia command opens it, which knows nothing of our record
	raw.Path = p.Path
	asIs, err := vault.Open(t.Context(), raw, testKey)
	ok(t, err)
	if list := ids(t, asIs); list[gone] || !list[kept] {
		t.Errorf("the copy as it is lists %v", list)
	}
	same(t, asIs, kept, noise(8, 1<<20))
	ok(t, asIs.Close(t.Context()))
	early := h.days(t, &now, 6, v, s)
	now = now.Add(23 * time.Hour)
	if early += h.sync(t, v, s).Removed; early != 0 {
		t.Errorf("%d files were given up too early", early)
	}
	now = now.Add(2 * time.Hour)
	if result := h.sync(t, v, s); result.Removed == 0 || folderBytes(t, p.Path) > full.Bytes/2 {
		t.Errorf("after the lag: %+v, %d bytes at the place", result, folderBytes(t, p.Path))
	}
	copied := fetched(t, s)
	same(t, copied, kept, noise(8, 1<<20))
}

// TestWipedVaultKeepsItsCopy empties the vault in two ways; the copy stays.
func TestWipedVaultKeepsItsCopy(t *testing.T) {
	t.Parallel()
	v, p := newVault(t), mirrortest.Folder(t)
	data := noise(9, 1<<20)
	id := put(t, v, data)
	s := connect(t, p, mirror.Options{Create: true})
	h := newHome(v)
	h.Lag = 0
	h.sync(t, v, s)

	packs := filepath.Join(v.Path(), "p")
	ok(t, os.Rename(packs, packs+".away"))
	_, err := mirror.Sync(t.Context(), v, s, h.Request)
	fails(t, err, backup.Damaged, "the copy stays as it is")
	ok(t, os.Rename(packs+".away", packs))

	_, err = v.Delete(t.Context(), 0, id)
	ok(t, err)
	for range 2 {
		_, err = mirror.Sync(t.Context(), v, s, h.Request)
		fails(t, err, backup.Refused, "holds no backup any more")
	}
	same(t, fetched(t, s), id, data)
}

// TestBackupsGoOnDuringALongCopy takes a backup while the packs of the first copy are on their way.
func TestBackupsGoOnDuringALongCopy(t *testing.T) {
	t.Parallel()
	v, p := newVault(t), mirrortest.Folder(t)
	put(t, v, noise(10, 22<<20))
	s := connect(t, p, mirror.Options{Create: true})
	h := newHome(v)
	var second backup.ID
	h.Report = func(int64, int64) {
		if second == "" {
			second = put(t, v, noise(11, 1<<20))
		}
	}
	h.sync(t, v, s)
	same(t, fetched(t, s), second, noise(11, 1<<20))
}

// TestFetchIsResumed goes on with a folder that a broken-off fetch left, and leaves any other alone.
func TestPlacesThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		place mirror.Place
		kind  backup.Kind
		text  string
	}{
		{mirror.Place{Kind: "ftp"}, backup.Usage, "no kind of place"},
		{mirror.Place{Kind: mirror.Folder}, backup.Usage, "--path"},
		{mirror.Place{Kind: mirror.S3, Endpoint: "https://x/y", Bucket: "b", AccessKeyID: "a"}, backup.Usage, "endpoint"},
		{mirror.Place{Kind: mirror.S3, Endpoint: "x", Bucket: "../b", AccessKeyID: "a"}, backup.Usage, "bucket"},
		{mirror.Place{Kind: mirror.SFTP, Host: "-oProxyCommand=x", User: "u", Path: "/x"}, backup.Usage, "host"},
		{mirror.Place{Kind: mirror.SFTP, Host: "h", User: "-x", Path: "/x"}, backup.Usage, "user"},
		{mirror.Place{Kind: mirror.WebDAV, URL: "https://me:secret@host/"}, backup.Usage, "holds a name or a password"},
		{mirror.Place{Kind: mirror.WebDAV, URL: "http://host/", User: "me"}, backup.Refused, "in clear"},
	} {
		_, err := c.place.Check()
		fails(t, err, c.kind, c.text)
	}
	_, err := mirror.Open(t.Context(), mirror.Place{Kind: mirror.Folder, Path: filepath.Join(t.TempDir(), "not", "mounted")}, mirror.Options{Create: true})
	fails(t, err, backup.Unreachable, "there is no folder")
}

// TestCopyOpensAtEveryMoment looks at the copy after every file that is sent, while the vault grows and
// shrinks: it opens as it was before, and every backup that it lists is whole.
func TestCopyOpensAtEveryMoment(t *testing.T) {
	t.Parallel()
	tally.Of(t, "off-site: the copy at every moment of a run").Try("the moments in the test")
	v, p := newVault(t), mirrortest.Folder(t)
	now := time.Now()
	h := newHome(v)
	h.Now = func() time.Time { return now }
	old := []backup.ID{put(t, v, noise(1, 2<<20))}
	s := connect(t, p, mirror.Options{Create: true})
	h.sync(t, v, s)
	looked, copied := 0, 1
	h.Report = func(int64, int64) {
		looked++
		checked, err := mirror.Check(t.Context(), s, testKey, time.Now, nil)
		if err != nil || checked.Backups != copied {
			t.Errorf("after %d files: %d backups, want %d: %v", looked, checked.Backups, copied, err)
		}
	}
	for round := range byte(2) {
		old = append(old, put(t, v, noise(10+round, 300<<10)), put(t, v, noise(1, int(round+1)<<18)))
		if round%2 == 1 {
			_, err := v.Delete(t.Context(), 0, old[0], old[2])
			ok(t, err)
			old = append(old[1:2], old[3:]...)
		}
		now = now.Add(3 * 24 * time.Hour)
		if result := h.sync(t, v, s); result.Backups != len(old) {
			t.Errorf("the copy holds %d backups, want %d", result.Backups, len(old))
		}
		copied = len(old)
	}
	if looked < 10 {
		t.Errorf("only %d looks", looked)
	}
	list := ids(t, fetched(t, s))
	for _, id := range old {
		if !list[id] {
			t.Errorf("the copy lacks %s", id)
		}
	}
}
