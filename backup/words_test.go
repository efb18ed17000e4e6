package backup_test

import (
	"testing"

	"holdfast/backup"
)

func TestUnits(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		-1: "0 B", 0: "0 B", 12: "12 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 10 << 10: "10 KiB",
		84 << 20: "84 MiB", 3 << 29: "1.5 GiB", 1 << 62: "4.0 EiB", 1<<63 - 1: "8.0 EiB",
	} {
		if got := backup.Units(n); got != want {
			t.Errorf("%d: %q, not %q", n, got, want)
		}
	}
}
