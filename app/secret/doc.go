// Package secret holds what must not be read by others: the vault key, the passwords of
// databases, and the hash of the approval passphrase.
//
// The vault key comes from the file that HOLDFAST_KEY_FILE names, or from the OS keyring,
// which only caches it: losing the keyring costs one paste of the recovery key. Database
// passwords live in the keyring, or, where there is none, sealed under the vault key.
// The approval passphrase is kept as an argon2id hash in a 0600 file.
//
// Hazard: no error of this package may hold a secret, and none does.
package secret
