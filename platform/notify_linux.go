package platform

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	notifications     = "org.freedesktop.Notifications"
	notificationsPath = "/org/freedesktop/Notifications"
)

// Notifier shows messages through the desktop's notification service, and hears of clicks on
// them. It is safe for concurrent use.
type Notifier struct {
	bus    *dbus.Conn
	app    string
	markup bool // the service reads a text as markup

	mu    sync.Mutex
	click map[uint32]func() // by the service's number of a message
}

// OpenNotifier connects to the desktop's service, for messages of the program that has this name,
// until ctx ends. Where nobody shows notifications it fails.
func OpenNotifier(ctx context.Context, app string) (*Notifier, error) {
	bus, err := sessionBus(ctx)
	if err != nil {
		return nil, err
	}
	n := &Notifier{bus: bus, app: app, click: map[uint32]func(){}}
	var can []string
	if err := n.call(ctx, "GetCapabilities").Store(&can); err != nil {
		_ = bus.Close() // there was nobody to ask
		return nil, err
	}
	n.markup = slices.Contains(can, "body-markup")
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchInterface(notifications), dbus.WithMatchObjectPath(notificationsPath)); err != nil {
		_ = bus.Close() // nothing was shown yet
		return nil, err
	}
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	go n.listen(signals)
	return n, nil
}

// answerTime bounds one call of the service.
const answerTime = 5 * time.Second

func (n *Notifier) call(ctx context.Context, method string, args ...any) *dbus.Call {
	ctx, stop := context.WithTimeout(ctx, answerTime)
	defer stop()
	return n.bus.Object(notifications, notificationsPath).CallWithContext(ctx, notifications+"."+method, 0, args...)
}

// Show shows a message; a click on it, or on its button verb, calls clicked. Without a verb it takes
// no clicks.
func (n *Notifier) Show(ctx context.Context, title, text, verb string, clicked func()) error {
	if n.markup {
		text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	}
	actions := []string{"default", verb}
	if verb == "" {
		actions = []string{}
	}
	n.mu.Lock() // the answer is kept before a click on it is looked up
	defer n.mu.Unlock()
	var id uint32
	err := n.call(ctx, "Notify", n.app, uint32(0), "", title, text, actions, map[string]dbus.Variant{
		"desktop-entry": dbus.MakeVariant(autostartID),
	}, int32(-1)).Store(&id)
	if err == nil {
		n.click[id] = clicked
	}
	return err
}

// listen does what clicks ask for, until the bus is closed.
func (n *Notifier) listen(signals <-chan *dbus.Signal) {
	for s := range signals {
		id, ok := first[uint32](s.Body)
		if !ok {
			continue
		}
		n.mu.Lock()
		clicked := n.click[id]
		if s.Name == notifications+".NotificationClosed" {
			delete(n.click, id)
		}
		n.mu.Unlock()
		if s.Name == notifications+".ActionInvoked" && clicked != nil {
			clicked()
		}
	}
}
