//go:build !race

package vault_test

// raceEnabled: the race detector multiplies memory.
const raceEnabled = false
