//go:build linux && !headless

package desktop_test

import (
	"crypto/md5"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// trayHost stands in for a desktop's tray and its notifications, over the real session bus.
type trayHost struct {
	t    *testing.T
	conn *dbus.Conn

	mu    sync.Mutex
	items []string // bus names of the icons
	notes []string // titles of the notifications
}

func newTrayHost(t *testing.T, address string) *trayHost {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // ends with its bus
	h := &trayHost{t: t, conn: conn}
	h.export("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")
	h.export("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
	if _, err := prop.Export(conn, "/StatusNotifierWatcher", prop.Map{"org.kde.StatusNotifierWatcher": {
		"IsStatusNotifierHostRegistered": {Value: true}, "ProtocolVersion": {Value: int32(0)}, "RegisteredStatusNotifierItems": {Value: []string{}},
	}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"org.kde.StatusNotifierWatcher", "org.freedesktop.Notifications"} {
		if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *trayHost) export(path, name string) {
	if err := h.conn.Export(h, dbus.ObjectPath(path), name); err != nil {
		h.t.Fatal(err)
	}
}

// RegisterStatusNotifierItem is what an icon calls.
func (h *trayHost) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.items = append(h.items, string(sender))
	return nil
}

// RegisterStatusNotifierHost is part of the interface.
func (h *trayHost) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

// Notify is what a notification calls.
func (h *trayHost) Notify(_ string, _ uint32, _, title, _ string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notes = append(h.notes, title)
	return uint32(len(h.notes)), nil
}

// GetCapabilities is what a program asks before it notifies.
func (h *trayHost) GetCapabilities() ([]string, *dbus.Error) { return []string{"actions"}, nil }

// clickNote clicks the newest notification with this title.
func (h *trayHost) clickNote(title string) error {
	h.mu.Lock()
	id := uint32(1 + slices.Index(h.notes, title))
	h.mu.Unlock()
	return h.conn.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", id, "default")
}

// noted says whether a notification with this title came.
func (h *trayHost) noted(title string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.notes, title)
}

// layout is a menu as com.canonical.dbusmenu gives it.
type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// press clicks the menu item with this label; false when there is none.
func (h *trayHost) press(label string) bool {
	for _, item := range h.icons() {
		if id := h.search(item, label); id != 0 {
			return h.conn.Object(item, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.Event", 0, id, "clicked", dbus.MakeVariant(""), uint32(0)).Err == nil
		}
	}
	return false
}

// offers says whether the menu has an item with this label.
func (h *trayHost) offers(label string) bool { return h.line(label) != 0 }

// line is the ID of the menu item with this label, 0 when no icon has one.
func (h *trayHost) line(label string) int32 {
	for _, item := range h.icons() {
		if id := h.search(item, label); id != 0 {
			return id
		}
	}
	return 0
}

func (h *trayHost) icons() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.items)
}

// search gives the ID of the menu item with this label; 0 when there is none.
func (h *trayHost) search(item, label string) int32 {
	var revision uint32
	var root layout
	if err := h.conn.Object(item, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return 0
	}
	return find(root, label)
}

// property reads one of the newest icon; nil when it is gone.
func (h *trayHost) property(name string) any {
	items := h.icons()
	if len(items) == 0 {
		return nil
	}
	value, err := h.conn.Object(items[len(items)-1], "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem." + name)
	if err != nil {
		return nil
	}
	return value.Value()
}

// tip is the tooltip's text; "" when the icon is gone.
func (h *trayHost) tip() string {
	parts, _ := h.property("ToolTip").([]any)
	if len(parts) != 4 {
		return ""
	}
	text, _ := parts[2].(string)
	return text
}

// icon is what the icon shows, as a text to compare. All are of one size: see .ci/known-races.
func (h *trayHost) icon() string {
	picture, _ := h.property("IconPixmap").([][]any)
	for _, p := range picture {
		if pixels, _ := p[2].([]byte); fmt.Sprint(p[:2]) != "[64 64]" || len(pixels) != 64*64*4 {
			h.t.Errorf("an icon of %v points, %d bytes", p[:2], len(pixels))
		}
	}
	return fmt.Sprintf("%x", md5.Sum(fmt.Append(nil, picture)))
}

func find(l layout, label string) int32 {
	if text, ok := l.Props["label"].Value().(string); ok && text == label {
		return l.ID
	}
	for _, child := range l.Children {
		var next layout
		if dbus.Store([]any{child.Value()}, &next) == nil {
			if id := find(next, label); id != 0 {
				return id
			}
		}
	}
	return 0
}
