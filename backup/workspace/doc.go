// Package workspace finds out, in the folders that belong to a sandbox, what no backup of a
// database holds: git repositories with work that is nowhere else, secret files, and what the
// configuration says is kept in other places.
//
// It reads and never writes: no repository is touched, no index refreshed, nothing fetched. The
// git command is run so that a hostile repository's configuration starts no program. Searches are
// bounded in depth, folders and time; what was left out is said.
//
// Hazard: values of secret files pass through memory here. Only fingerprints under a key of the
// caller's are given out, see Fingerprint.
package workspace
