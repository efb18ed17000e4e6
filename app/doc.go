// Package app wires Holdfast together: it decides what a command line asks for, and runs it.
//
// This page is the way into the code for who comes new. The domain decides, its folders do, the app
// connects, the views show; each package's own page (go doc holdfast/NAME) says what it keeps, what
// it promises, and what its hazards are.
//
// Read in this order. What Holdfast is about, without any technology:
//
//   - holdfast/backup: sandboxes, backups, the gate, retention; Runner takes backups, Restorer brings them back
//   - holdfast/backup/plan: schedules: when the next run is, and whether one was missed
//
// What does it, one technology each, none knowing the others but where the rule says so:
//
//   - holdfast/backup/postgres: capture, shadow database, swap, single tables, discovery
//   - holdfast/backup/pgarchive: pg_dump's custom format, read and written
//   - holdfast/backup/rowsum: the hash of a table's rows that everything is compared by
//   - holdfast/backup/vault: the encrypted store, a Kopia repository
//   - holdfast/backup/vault/mirror: copies of the vault at other places
//   - holdfast/backup/catalog: history and audit log, in SQLite
//   - holdfast/backup/media: folders of files, put back
//   - holdfast/backup/export: files to take away: dump, SQL, JSON, archives
//   - holdfast/backup/workspace: git work and secret files that no backup holds
//   - holdfast/backup/secrets: secret files in forms that keep them
//   - holdfast/backup/envfile: .env and compose files
//   - holdfast/platform: the operating system
//
// What connects it and what a person uses:
//
//   - holdfast/app/engine: the one engine behind commands, window and scheduler
//   - holdfast/app/config: the configuration, documented key by key
//   - holdfast/app/secret: the vault key, passwords, the approval passphrase
//   - holdfast/app/schedule: wakes the engine
//   - holdfast/app/tell: webhook and dead-man's switch
//   - holdfast/app/logbook: the log, in two small files
//   - holdfast/app/kit: the recovery kit
//   - holdfast/app/sample: the sample sandbox
//   - holdfast/app/demo: holdfast demo
//   - holdfast/app/command: the commands; their words, flags, JSON and exit codes are a contract
//   - holdfast/app/controller: between window and engine: taps become jobs, events become a State
//   - holdfast/app/desktop: the window's life, tray, notifications; the one package that opens windows
//   - holdfast/views: draws a State, reports taps
//   - holdfast/assets: icons, translations, help, units, built in
//
// For tests only:
//
//   - holdfast/backup/postgres/pgcompare: are two databases equal?
//   - holdfast/backup/vault/mirror/mirrortest: servers that copies go to
//   - holdfast/backup/tally: what fault tests tried, and lost; figures of the benchmarks
//   - holdfast/backup/testkit: what tests need of the machine
//
// A backup, followed through the code: command.backupCreate calls engine.CreateBackup, which asks
// the gate and calls backup.Runner; the Runner asks postgres.Server for a preflight and a capture
// into the parts of a vault.Write, commits the manifest, and puts the run on record in the catalog. A restore
// is backup.Restorer on the same pieces, the other way round.
//
// imports_test.go holds who may import whom, and that this page names every package.
package app
