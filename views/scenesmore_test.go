package views_test

import (
	"time"

	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// folderScenes are the pages about folders, and restores of them.
func folderScenes() []scene {
	media := func(fill func(*views.Sandbox)) func(*screen) {
		return at(views.SectionMedia, func(b *views.Sandbox) { withFolders(b); fill(b) })
	}
	wizard := func(then func(s *screen, st views.State)) func(*screen) {
		return func(s *screen) {
			st := full()
			withFolders(&st.Sandboxes[0])
			newest := *st.Sandboxes[0].Media.Newest
			newest.Tables = shopTables()
			st.Sandboxes[0].Details = &newest
			s.show("shop", st)
			s.tapOn("Restore…")
			then(s, st)
		}
	}
	return []scene{
		{"media", media(none)},
		{"media-empty", at(views.SectionMedia, func(b *views.Sandbox) { b.Media = &views.Media{Takes: backup.ScopeDatabase} })},
		{"media-compared", media(func(b *views.Sandbox) { b.Compared = changedFiles(998) })},
		{"uncovered", at(views.SectionUncovered, func(b *views.Sandbox) { b.Gaps = gaps() })},
		{"restore-both", wizard(func(*screen, views.State) {})},
		{"restore-files", wizard(func(s *screen, st views.State) {
			s.tap(lang.L("Only some files"))
			st.Sandboxes[0].Files = &views.MediaFiles{Backup: "00000000000000ee", All: 12408, Files: []views.File{{Folder: "uploads", Path: "logo.svg", Size: 900}, {Folder: "uploads", Path: "2026/05/picture-0001.jpg", Size: 5 << 20}}}
			s.shell.Refresh(st)
		})},
		{"restore-folders-where", wizard(func(s *screen, _ views.State) {
			s.tap(lang.L("The folders"))
			s.tapOn("Next")
		})},
		{"restore-folders-compare", wizard(func(s *screen, st views.State) {
			s.tap(lang.L("The folders"))
			s.tapOn("Next")
			s.tapOn("Next")
			st.Sandboxes[0].Compared = changedFiles(2)
			changed := &st.Sandboxes[0].Compared.Result.Media[0]
			changed.Files[2].Path = longPath
			s.shell.Refresh(st)
		})},
	}
}

// fileScenes are about what leaves the vault: downloads and secrets.
func fileScenes() []scene {
	secrets := func(then func(s *screen, st views.State)) func(*screen) {
		return func(s *screen) {
			st := full()
			st.WriteTo, st.Secrets = "/home/ada/Downloads", secretFiles()
			s.shell.Refresh(st)
			s.shell.OpenSecrets("shop")
			s.shell.Refresh(st)
			then(s, st)
		}
	}
	return []scene{
		{"downloads", at(views.SectionDownloads, func(b *views.Sandbox) {
			b.Writes = &views.DownloadPlan{On: true, Folder: "/media/backup/shop", Format: "json", Every: 7 * 24 * time.Hour, Keep: 3, Sealed: true, Files: []string{"/media/backup/shop/older.json.age", "/media/backup/shop/newer.json.age"}}
		})},
		{"downloads-empty", at(views.SectionDownloads, func(b *views.Sandbox) { b.Writes = &views.DownloadPlan{Format: "dump", Keep: 7} })},
		{"download-rows", at(views.SectionDownloads, func(b *views.Sandbox) {
			b.Writes = &views.DownloadPlan{Format: "dump", Keep: 7}
			b.Downloads = []views.Download{
				{Job: "1", Title: lang.L("Download of {{.Name}}, {{.When}}, as {{.Format}}", map[string]any{"Name": "shop", "When": views.Moment(now), "Format": "dump"}), Busy: &views.Busy{Progress: backup.Progress{Stage: "download", Bytes: 1 << 20, BytesTotal: 4 << 20}}},
				{Job: "2", Title: lang.L("Download of {{.Name}}, {{.When}}, as {{.Format}}", map[string]any{"Name": "shop", "When": views.Moment(now), "Format": "sql"}), Path: "/out/shop-2026-06-15-09-30-00.sql", Bytes: 5 << 20, Opens: "psql -f /out/shop.sql"},
				{Job: "3", Title: lang.L("Download of {{.Name}}, {{.When}}, as {{.Format}}", map[string]any{"Name": "shop", "When": views.Moment(now), "Format": "media.zip"}), Problem: &backup.Fault{Text: "the disk that holds the vault is full", Hint: "Make room on that disk, or delete old backups."}},
			}
		})},
		{"download-dialog", func(s *screen) {
			at(views.SectionBackups, func(b *views.Sandbox) { b.Details = &b.Backups[0] })(s)
			s.tapOn("Download…")
		}},
		{"download-dialog-sealed", func(s *screen) {
			at(views.SectionBackups, func(b *views.Sandbox) { b.Details = &b.Backups[0] })(s)
			s.tapOn("Download…")
			s.tick(lang.L("Seal it with a passphrase (age opens it)")).SetChecked(true)
			s.tapOn("Download…")
		}},
		{"secrets", secrets(func(*screen, views.State) {})},
		{"secrets-format", secrets(func(s *screen, _ views.State) { s.tapOn("Next") })},
		{"secrets-plain", secrets(func(s *screen, _ views.State) { s.tapOn("Next"); s.tap("Bitwarden") })},
		{"secrets-done", secrets(func(s *screen, st views.State) {
			s.tapOn("Next")
			st.Secrets.Done = &views.SecretsDone{Path: "/home/ada/Downloads/shop-secrets-2026-06-15-09-30-00.json", Plain: true, Files: 2, Hint: "Import it: Bitwarden, Tools, Import data, format Bitwarden (json)."}
			s.shell.Refresh(st)
		})},
	}
}

// vaultScenes are about the vault and its key: opened, missing, changed, and the sample.
func vaultScenes() []scene {
	kinds := []struct{ name, choice string }{
		{"folder", ""}, {"disk", "A copy on another disk or share"}, {"s3", "A copy in an S3 bucket"}, {"sftp", "A copy on an SFTP server"}, {"webdav", "A copy in a WebDAV folder"},
	}
	preferences := func(s *screen) views.State {
		st := full()
		st.Opening = views.Opening{Into: "/home/ada/vault"}
		st.Preferences = &views.Preferences{Values: map[string]string{}, KitKept: now.Add(-time.Hour)}
		s.show("\x00preferences", st)
		return st
	}
	var all []scene
	for _, k := range kinds {
		all = append(all, scene{"open-" + k.name, func(s *screen) {
			preferences(s)
			s.tapOn("Open another vault…")
			if k.choice != "" {
				s.pick(lang.L("The folder of the vault")).SetSelected(lang.L(k.choice))
			}
		}})
	}
	locked := &backup.Fault{Text: "the keyring is locked, so the vault key cannot be had", Hint: "Unlock the keyring, then try again."}
	return append(all, []scene{
		{"open-hostkey", func(s *screen) {
			st := preferences(s)
			s.tapOn("Open another vault…")
			s.pick(lang.L("The folder of the vault")).SetSelected(lang.L("A copy on an SFTP server"))
			st.Opening.HostKey = &views.HostKey{Host: "nas", Fingerprint: "SHA256:abcdefghijklmnopqrstuvwxyz0123456789abcdefg", Type: "ssh-ed25519", Compare: "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"}
			s.shell.Refresh(st)
		}},
		{"open-problem", func(s *screen) {
			st := preferences(s)
			s.tapOn("Open another vault…")
			st.Opening.Problem = &backup.Fault{Text: "the key does not open this vault", Hint: "Enter the recovery key of this vault; it is on the recovery kit."}
			s.shell.Refresh(st)
		}},
		{"preferences-key", func(s *screen) {
			preferences(s)
			s.tapOn("Test the kit…")
		}},
		{"preferences-key-change", func(s *screen) {
			preferences(s)
			s.tapOn("Change it…")
		}},
		{"preferences-key-shown", func(s *screen) {
			st := preferences(s)
			st.Setup = &views.Setup{Key: "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP", Again: true}
			s.shell.Refresh(st)
		}},
		{"key-missing", func(s *screen) {
			st := full()
			st.KeyAsked.Cause = locked
			s.show("shop", st)
		}},
		{"key-asked", func(s *screen) {
			st := full()
			st.KeyAsked.Cause = locked
			s.show("", st)
			s.tapOn("Give the key…")
		}},
		{"key-missing-wrong", func(s *screen) {
			st := full()
			st.KeyAsked = views.KeyAsked{Cause: locked, Trouble: &backup.Fault{Text: "the key does not open this vault", Hint: "Enter the recovery key of this vault; it is on the recovery kit."}}
			s.show("", st)
			s.tapOn("Give the key…")
		}},
		{"unread", func(s *screen) {
			st := full()
			st.Vault = "/home/ada/vault"
			st.Unread = &backup.Fault{Text: "open the vault: no vault at /home/ada/vault", Hint: "Check that the disk is there and the path is right."}
			s.show("", st)
		}},
		{"unread-whole", func(s *screen) {
			st := full()
			st.Vault = "/home/ada/vault"
			st.Unread = &backup.Fault{Text: "open the vault: no vault at /home/ada/vault", Hint: "Check that the disk is there and the path is right."}
			s.show("", st)
			test.Tap(s.buttons(lang.L("More…"))[0])
		}},
		{"unread-first", func(s *screen) {
			s.shell.Refresh(views.State{Now: now, Zone: time.UTC, Unread: &backup.Fault{Text: "open the vault: no vault at /home/ada/vault", Hint: "Check that the disk is there and the path is right."}})
		}},
		{"sample-offer", func(s *screen) { s.show("", views.State{Now: now, Zone: time.UTC, Vault: "/home/ada/vault"}) }},
		{"sample-busy", func(s *screen) {
			s.show("", views.State{Now: now, Zone: time.UTC, Vault: "/home/ada/vault", Sample: views.Sample{Busy: &views.Busy{Title: lang.L("Making the sample sandbox")}}})
		}},
		{"sample-remove", func(s *screen) {
			st := well()
			st.Sandboxes[0].Sample = true
			s.show("", st)
			test.Tap(s.button(lang.L("Remove the sample…")))
		}},
	}...)
}
