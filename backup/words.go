package backup

import "fmt"

// Units gives bytes in units that people read: "12 B", "1.5 KiB", "84 MiB".
func Units(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d B", max(n, 0))
	}
	value, unit := float64(n)/(1<<10), 0
	for value >= 1<<10 {
		value, unit = value/(1<<10), unit+1
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f %ciB", value, "KMGTPE"[unit])
	}
	return fmt.Sprintf("%.0f %ciB", value, "KMGTPE"[unit])
}

// Counted says how many there are of something: "1 file", "128,402 files".
func Counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func tableCount(n int) string { return Counted(int64(n), "table", "tables") }
func rowCount(n int64) string { return Counted(n, "row", "rows") }
