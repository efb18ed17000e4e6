package platform

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Power says what the machine runs on.
type Power struct {
	Folder string // of the supplies; "" is the kernel's own
}

// OnBattery says whether the machine runs on its battery. Where that cannot be known it is on mains.
func (p Power) OnBattery(context.Context) bool {
	if p.Folder == "" {
		p.Folder = "/sys/class/power_supply"
	}
	supplies, err := os.ReadDir(p.Folder)
	if err != nil {
		return false
	}
	discharging := false
	for _, s := range supplies {
		switch kind := p.read(s.Name(), "type"); {
		case kind == "Battery" || kind == "UPS":
			own := p.read(s.Name(), "scope") != "Device" // that of a mouse is not the machine's
			discharging = discharging || own && p.read(s.Name(), "status") == "Discharging"
		case p.read(s.Name(), "online") == "1":
			return false
		}
	}
	return discharging
}

func (p Power) read(supply, name string) string {
	text, err := os.ReadFile(filepath.Join(p.Folder, supply, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
