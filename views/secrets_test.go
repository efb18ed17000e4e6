package views_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

func secretFiles() *views.Secrets {
	return &views.Secrets{Sandbox: "shop", Watched: []string{"/srv/shop/*.key"}, Notes: []string{"the folder /code was not searched to its end"}, Files: []views.SecretFile{
		{Path: "/code/.env", Exported: now.Add(-90 * time.Hour), Changed: true}, {Path: "/code/.env.test", Exported: now.Add(-90 * time.Hour)},
		{Path: "/srv/shop/stripe.key"}, {Path: "/srv/shop/root.key", Problem: "permission denied"},
	}}
}

// TestSecretsWizard begins at the reminder, chooses, warns of what is plain, and deletes it in the end.
func TestSecretsWizard(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.WriteTo = "/home/ada/Downloads"
	st.Reminders = []views.Reminder{{Key: "r", Title: "Keep secrets in a password manager", Text: "two files changed", Secrets: "shop"}}
	s.shell.Refresh(st)
	s.tap("Reminders")
	test.Tap(s.button("Export them…"))
	s.wasTold("find secrets shop")
	s.sees("Secret files of shop", "Looking through the code folders…")
	if !s.button("Next").Disabled() {
		t.Error("it goes on before it has looked")
	}
	st.Secrets = &views.Secrets{Sandbox: "shop"}
	s.shell.Refresh(st)
	s.sees("No secret file was found.")
	s.entry("A file, or a pattern such as /srv/shop/*.key").SetText("/srv/shop/*.key")
	s.field("A file, or a pattern such as /srv/shop/*.key").TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.wasTold(`watch secrets shop ["/srv/shop/*.key"]`)
	st.Secrets = secretFiles()
	s.shell.Refresh(st)
	s.sees("3 of 4 files are chosen. The folder /code was not searched to its end.", "changed since its export 3 days ago", "never exported", "cannot be read: permission denied")
	test.Tap(s.button("Watch *.key no more"))
	s.wasTold(`watch secrets shop []`)
	s.shell.Refresh(st)
	s.list().Select(1)
	s.list().Select(3) // it cannot be read, and is not chosen
	s.sees("2 of 4 files are chosen.")
	test.Tap(s.button("Next"))
	s.sees("Without the passphrase nobody opens the file", "Into /home/ada/Downloads/shop-secrets-2026-06-15-09-30-00.age")
	test.Tap(s.button("Export…"))
	s.sees("Type a passphrase to seal with.")
	test.Type(s.field("Passphrase to seal with"), "four quiet words here")
	test.Type(s.field("Once more"), "other")
	s.field("Once more").TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.sees("The two passphrases differ.")
	s.wasTold()
	s.entry("Once more").SetText("four quiet words here")
	test.Tap(s.button("Copy the command for it"))
	if want := "holdfast secrets export shop --format age --out /home/ada/Downloads/shop-secrets-2026-06-15-09-30-00.age --file /code/.env --file /srv/shop/stripe.key"; s.copied != want {
		t.Errorf("the command is %q, want %q", s.copied, want)
	}
	test.Tap(s.button("Export…"))
	s.wasTold("export secrets {Sandbox:shop Files:[/code/.env /srv/shop/stripe.key] Format:age Out:/home/ada/Downloads/shop-secrets-2026-06-15-09-30-00.age Passphrase:four quiet words here}")
	s.tap("Bitwarden")
	s.sees("This file is plain text: whoever can read it has all the secrets.")
	test.Tap(s.button("Export…"))
	if all := strings.Join(s.told.calls, ""); !strings.Contains(all, "Format:bitwarden") || !strings.HasSuffix(all, "Passphrase:}") {
		t.Errorf("the program was told %q", all)
	}
	s.told.calls = nil
	st.Secrets.Problem = &backup.Fault{Text: "cannot write there", Hint: "Is the folder there?"}
	s.shell.Refresh(st)
	s.sees("Cannot write there", "Is the folder there?")
	st.Secrets = secretFiles()
	st.Secrets.Done = &views.SecretsDone{Path: "/home/ada/Downloads/s.json", Plain: true, Files: 2, Hint: "Open it: age -d /home/ada/Downloads/s.json | tar -xv"}
	s.shell.Refresh(st)
	s.sees("2 files are in /home/ada/Downloads/s.json", "Open it: age -d", "It is plain text. Import it now")
	test.Tap(s.button("Copy"))
	if want := "age -d /home/ada/Downloads/s.json | tar -xv"; s.copied != want {
		t.Errorf("copied %q, want %q", s.copied, want)
	}
	test.Tap(s.button("It is imported: delete the plain file"))
	s.wasTold("delete export shop")
	st.Secrets.Done = &views.SecretsDone{Path: "/home/ada/Downloads/s.json", Plain: true, Files: 2, Deleted: true}
	s.shell.Refresh(st)
	s.sees("The plain file is deleted.")
	s.seesNo("It is plain text.")
	test.Tap(s.button("Done"))
	s.wasTold("end secrets")
	s.sees("shop  ›  Settings  ›  Backups")
	s.shell.OpenSecrets("shop")
	st.Secrets = secretFiles()
	s.shell.Refresh(st)
	s.sees("Step 1 of 3", "3 of 4 files are chosen.")
}
