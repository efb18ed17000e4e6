package views_test

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// TestVaultFromACopy fetches one from an SFTP server, whose host key a person compares first.
func TestVaultFromACopy(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Opening = views.Opening{Into: "/home/ada/vault"}
	st.Preferences = &views.Preferences{Values: map[string]string{}}
	s.shell.Refresh(st)
	test.Tap(s.button("Preferences"))
	test.Tap(s.button("Open another vault…"))
	s.sees("Open the vault that you have", "The folder of the vault")
	s.seesNo("Approval passphrase") // there is one
	s.pick("The folder of the vault").SetSelected("A copy on an SFTP server")
	s.entry("nas").SetText("nas")
	s.entry("/media/backup/holdfast").SetText("/srv/copy")
	s.entry("from the recovery kit").SetText("AAAA-BBBB")
	want := views.VaultPlace{CopyPlace: views.CopyPlace{Kind: views.CopyToSFTP, Host: "nas", Path: "/srv/copy"}, Into: "/home/ada/vault", Key: "AAAA-BBBB"}
	test.Tap(s.button("Open the vault"))
	s.wasTold(fmt.Sprintf("open %+v", want))

	st.Opening.HostKey = &views.HostKey{Host: "nas", Fingerprint: "SHA256:abc", Type: "ssh-ed25519", Compare: "ssh-keygen -lf key.pub"}
	s.shell.Refresh(st)
	s.sees("SHA256:abc", "ssh-keygen -lf key.pub")
	s.told.calls = nil
	test.Tap(s.button("It is another one"))
	s.seesNo("SHA256:abc")
	s.wasTold()
	st.Opening.HostKey = &views.HostKey{Host: "nas", Fingerprint: "SHA256:def", Type: "ssh-ed25519", Compare: "ssh-keygen -lf key.pub"}
	s.shell.Refresh(st)
	test.Tap(s.button("It is the same: go on"))
	want.HostKey = "SHA256:def"
	s.wasTold(fmt.Sprintf("open %+v", want))

	st.Opening.HostKey, st.Opening.Busy = nil, &views.Busy{Title: "Opening the vault", Progress: backup.Progress{Stage: "fetch the copy", Bytes: 1 << 20, BytesTotal: 4 << 20}, Left: 9 * time.Second}
	s.shell.Refresh(st)
	s.sees("Opening the vault", "1.0 MB")
	s.told.calls = nil
	test.Tap(s.button("Cancel"))
	s.wasTold("cancel opening")
	st.Opening.Busy, st.Opening.Problem = nil, &backup.Fault{Text: "the key does not open it", Hint: "Take another."}
	s.shell.Refresh(st)
	s.sees("The key does not open it", "Take another.")
	st.Opening = views.Opening{Opened: 1}
	s.shell.Refresh(st)
	s.seesNo("Open the vault that you have")
}
