package kit_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"holdfast/app/kit"
)

func sheet() kit.Kit {
	return kit.Kit{
		Key: "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP-QRST-UVWX", Vault: "/home/ada/Größe/vault", VaultID: "0123abcd",
		Host: "desk", Made: time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC),
		Copies: []kit.Copy{
			{Name: "disk", Where: "/media/backup", Open: "holdfast vault open --offsite folder --path /media/backup", Stock: "kopia repository connect filesystem --readonly --path /media/backup"},
			{
				Name: "nas", Where: "sftp://me@nas:22/copy",
				Open:  "holdfast vault open --offsite sftp --path /copy --host nas --user me --identity-file KEY-FILE --host-key-fingerprint SHA256:" + strings.Repeat("x", 43),
				Stock: "kopia repository connect sftp --readonly --path /copy --host nas --port 22 --username me --keyfile KEY-FILE --known-hosts-data 'nas ssh-ed25519 " + strings.Repeat("A", 68) + "'",
			},
		},
	}
}

func TestTextHoldsAllThatIsNeeded(t *testing.T) {
	var b strings.Builder
	if err := sheet().Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{sheet().Key, sheet().Vault, "holdfast vault open --path", "kopia repository connect filesystem", "RESTORE.txt", "1 March 2031", "--offsite sftp", "KEY-FILE is"} {
		if !strings.Contains(b.String(), word) {
			t.Errorf("%q is missing", word)
		}
	}
}

func TestPDFIsOnePageAndTheSameEachTime(t *testing.T) {
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := sheet().PDF(b); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two kits of one vault differ")
	}
	if pages := bytes.Count(first.Bytes(), []byte("/Type /Page\n")); pages != 1 {
		t.Errorf("%d pages", pages)
	}
}
