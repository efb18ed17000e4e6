// Package backup is the domain of Holdfast: what a sandbox, a backup, a restore and the
// permission gate are, and the two use-cases that act on them, Runner and Restorer.
//
// It imports the standard library only. PostgreSQL, the vault and the catalog are reached
// through the small interfaces in ports.go; app connects them to the packages below this one.
//
// Promises that this package keeps, whatever implements the ports:
//
//   - A backup becomes StatusCompleted only after the vault has committed and read it back.
//   - A restore asks the gate, then saves the present state, then fills a shadow database,
//     compares it with the manifest, and only then swaps. Any failure before the swap leaves
//     the live database as it was.
//   - Every decision of the gate, and the outcome of what it let pass, is written to the audit
//     log before the caller learns of it.
//
// Hazard: nothing here reads the clock. Times come from the Clock that app hands in.
package backup
