// Package mirror keeps a copy of a vault's files at another place: a folder of another disk or share,
// a bucket of an S3-compatible store, an SFTP server, a WebDAV server.
//
// A copy holds the vault's encrypted blobs under Kopia's own names, so that the stock kopia command
// opens it too. It never holds the vault's key.
//
// Promises:
//
//   - A copy opens at every moment, as it was when it was last brought up to date: packs come before the
//     index that names them, indexes are seen when all are there, and the format blob, without which
//     nothing opens, comes last.
//   - A blob that is there is never overwritten with other bytes. Only the two format blobs change,
//     when the vault's key does.
//   - What the vault removed stays for some days, noted in a blob of ours so that it is not seen
//     when the copy is opened. A vault that is empty or torn removes nothing from its copy.
//   - One home writes a copy. Another home's, or another vault's, is refused.
//   - What breaks off is resumed: what is there whole is not sent again.
//
// Hazards:
//
//   - The kopia command does not read that blob of ours. While a copy is being brought up to date it may
//     miss what indexes on their way name; before and after it sees what Holdfast sees.
//   - After a change of the key the two format blobs change one after the other. Broken off in between,
//     the copy opens with no key until it is brought up to date again.
//   - Only sizes are compared when a copy is brought up to date. Check reads and verifies it all.
//   - An upload that breaks off leaves a file with a name of its own at SFTP places, and at WebDAV places
//     whose server does not answer any more; it takes space there and does no harm.
package mirror
