// Package vault keeps backups encrypted on disk, in a stock Kopia repository.
//
// One backup is one Kopia snapshot. Its root holds manifest.json, RESTORE.txt and the parts that
// were written through a backup.Sink; whoever has the key can get all of it back with the kopia
// command alone, and RESTORE.txt says how.
//
// Promises:
//
//   - A backup is listed only after everything it names was found through a freshly opened
//     repository, and everything that its run added was read back, decrypted and checked.
//   - Deleting a backup, and dropping one that did not end well, gives the space back at once,
//     on a full disk too. Only packs that other backups need for the most part stay whole.
//   - Whatever kills the process, earlier backups stay whole and the next run works.
//   - One writer at a time, from one home; any number of readers.
//   - Files are 0600 and folders 0700 whatever the umask; the key is on no disk.
//
// Hazards:
//
//   - Kopia's maintenance would delete what a running backup has written so far. The lock on
//     holdfast.lock stands over it, and only over those who take it: never run the stock
//     command's maintenance or delete while Holdfast writes.
//   - Kopia orders entries of its index by time. A clock that went back would let an old deletion
//     win over a new content, so Kopia is given a clock that never goes back; see clock.go.
//   - What an older backup stored is not read again when a new one names it. A content that went
//     bad on the disk is found by Verify and VerifyAll only, and the backups that share it with
//     a new one are damaged together: verify the vault in full now and then.
package vault
