package platform

import (
	"context"
	"os/exec"
	"strings"
)

// Power says what the machine runs on.
type Power struct{}

// OnBattery says whether the machine runs on its battery. Where that cannot be known it is on mains.
func (Power) OnBattery(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g", "batt").Output()
	first, _, _ := strings.Cut(string(out), "\n")
	return err == nil && strings.Contains(first, "'Battery Power'")
}
