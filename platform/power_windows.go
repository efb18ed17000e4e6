package platform

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Power says what the machine runs on.
type Power struct{}

// powerStatus is SYSTEM_POWER_STATUS of the Windows API.
type powerStatus struct {
	line, flags, percent, saver byte
	left, full                  uint32
}

// OnBattery says whether the machine runs on its battery. Where that cannot be known it is on mains.
func (Power) OnBattery(context.Context) bool {
	ask := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemPowerStatus")
	if ask.Find() != nil {
		return false
	}
	status := powerStatus{line: 255}                       // not known
	ok, _, _ := ask.Call(uintptr(unsafe.Pointer(&status))) //nolint:gosec // as the system's interface has it
	return ok != 0 && status.line == 0
}
