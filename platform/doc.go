// Package platform is the operating system as Holdfast needs it: where its files are, how they
// are written so that a power cut loses nothing, the keyring, polkit, the terminal, notifications,
// start at login, one instance, sleep and battery, free space, and whether a process still lives.
//
// It knows nothing of backups and imports nothing of ours.
//
// Hazards: the keyring blocks while it is locked, so every call takes a deadline; file modes are
// set explicitly, for the process's umask may be anything.
package platform
