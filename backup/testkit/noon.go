package testkit

import (
	"fmt"
	"time"
)

// Noon names a zone, for TZ, in which the clock shows some time past twelve at now: neither midnight,
// which makes yesterday of today, nor the hour of the nightly backups comes while a test runs.
func Noon(now time.Time) string {
	return fmt.Sprintf("Etc/GMT%+d", now.UTC().Hour()-12) // with the sign of POSIX: west is positive
}
