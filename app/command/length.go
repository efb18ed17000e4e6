package command

import (
	"strconv"
	"strings"
	"time"

	"holdfast/backup"
)

// parseDays reads a length of time, in days (7d) or weeks (2w) too.
func parseDays(text string) (time.Duration, error) {
	for unit, hours := range map[string]int{"d": 24, "w": 7 * 24} {
		if n, err := strconv.Atoi(strings.TrimSuffix(text, unit)); err == nil && strings.HasSuffix(text, unit) && n >= 0 && n <= 10000 {
			return time.Duration(n*hours) * time.Hour, nil
		}
	}
	length, err := time.ParseDuration(text)
	if err != nil || length < 0 {
		return 0, backup.Errorf(backup.Usage, "Write it like 90m, 4h, 7d or 2w.", "%q is no length of time", text)
	}
	return length, nil
}

// lengthFlag is a flag for a length of time, as parseDays reads it.
type lengthFlag time.Duration

// Set implements pflag.Value.
func (l *lengthFlag) Set(text string) error {
	length, err := parseDays(text)
	if err == nil {
		*l = lengthFlag(length)
	}
	return err
}

// String implements pflag.Value.
func (l *lengthFlag) String() string { return time.Duration(*l).String() }

// Type implements pflag.Value.
func (l *lengthFlag) Type() string { return "duration" }
