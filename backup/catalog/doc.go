// Package catalog remembers runs and the audit log in a SQLite file.
//
// It is the history that lists are made from; the vault is the truth. A catalog that is missing
// or damaged is made anew and filled from the vault: backups come back, notes of failed runs,
// restores and the audit log do not, which is why a damaged file is set aside and never deleted.
//
// Promises: several processes may use one catalog at a time; a line that was written survives a
// power cut; the audit log is only ever appended to; a file of a newer Holdfast is left alone.
//
// Hazards: a program that has the catalog open while another one sets it aside goes on with the
// file that was set aside, and what it writes from then on is there only. Opening and closing the
// file in this process by other means than Open ends the locks that SQLite has on it.
package catalog
