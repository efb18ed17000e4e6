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
// which 240 MB were stored, 5.7 s for the first backup, 1.3 s for the second one, which stores nothing),
// beside 3.3 s of the server for its COPY, each time:
//
//	                                  first  second
//	compress (zstd)                     54 %       -
//	read back: decrypt, decompress      12 %       -
//	read the connection                  7 %    23 %
//	wait for the server, be woken        6 %    16 %
//	BLAKE3 of the contents               6 %    24 %
//	derive the key, twice                4 %    14 %
//	write packs, AES                     3 %       -
//	hash of the rows                     2 %     6 %
//	find where contents end              1 %     4 %
//	move rows together                   1 %     4 %
//
// What follows from it: a second backup is as fast as the server gives its rows, in pieces of 8 KB. While
// each of them woke us at once, that took 35 % of 2.0 s, and more of the server's time: so the copying yields
// to what runs, and finds many pieces together. Of a first backup only a
// weaker compression would save more than a tenth, and it would cost space for ever. Contents half as long
// take a tenth more time, for a week of small changes that takes 6 % less space. Opening the
// repository derives its key twice for each backup, 0.1 s each, the second time beside the copying: that
// is most of the time of a small backup.
package vault
