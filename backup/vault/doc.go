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
//
// Where the time of a backup goes: of the processor time of our own process (perf, 1.0 GB of rows of
// which 240 MB were stored, 6.2 s for the first backup, 2.1 s for the second one, which stores nothing),
// beside 3.5 s of the server for its COPY, each time:
//
//	                                  first  second
//	compress (zstd)                     46 %       -
//	read back: decrypt, decompress      16 %       -
//	wait for the server, be woken       10 %    30 %
//	read the connection                  6 %    18 %
//	BLAKE3 of the contents               6 %    21 %
//	move rows together                   3 %     9 %
//	derive the key, twice                3 %     9 %
//	hash of the rows                     1 %     4 %
//	find where contents end              1 %     3 %
//	write packs, AES                     4 %       -
//
// What follows from it: a second backup is as fast as the server gives its rows, in pieces of 8 KB each of
// which wakes us; to wait a little, so that more has come, saved nothing. Of a first backup only a
// weaker compression would save more than a tenth, and it would cost space for ever. Contents half as long
// take a tenth more time, for a week of small changes that takes 6 % less space. Opening the
// repository derives its key twice for each backup, 0.1 s each, the second time beside the copying: that
// is most of the time of a small backup.
package vault
