//go:build linux && !headless

package desktop_test

import (
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"holdfast/assets"
)

// withShop makes a vault and the sandbox shop by the commands, for a window that starts with them.
func (s *session) withShop() {
	s.t.Helper()
	s.sql("postgres", "CREATE DATABASE shop")
	s.sql("shop", assets.SampleSQL)
	phrase := filepath.Join(s.dir, "phrase")
	s.must(os.WriteFile(phrase, []byte("correct horse\n"), 0o600))
	c := s.server.Connection("shop")
	for _, args := range [][]string{
		{"vault", "init", "--key-out", filepath.Join(s.dir, "key.txt")},
		{"gate", "set-passphrase", "--approve-file", phrase},
		{"sandbox", "add", "shop", "--dsn", "host=" + c.Host + " user=" + c.User + " dbname=shop"},
		{"backup", "create", "shop"},
	} {
		if out, err := s.command("holdfast", args...).CombinedOutput(); err != nil {
			s.t.Fatalf("holdfast %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestTray drives the icon as a desktop does, with no window on the screen: what it says, its
// menu, a backup, a pause and its end, and what quitting stops.
func TestTray(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.withShop()
	program := s.command("holdfast", "--background")
	s.begin(program)
	s.until("the icon says how things are", func() bool { return strings.Contains(s.tray.tip(), "Holdfast: Protected\nNext backup: t") })
	s.until("the program sleeps until something happens", func() bool { return s.sleeps(program.Process.Pid) })
	ok := s.tray.icon()
	for _, label := range []string{"Protected", "Back up now", "shop", "Pause", "For an hour", "Until tomorrow, 6:00", "Open", "Quit, and take no more backups by itself"} {
		if !s.tray.offers(label) {
			t.Errorf("the menu lacks %q", label)
		}
	}
	had, open := s.completed(), s.tray.line("Open")
	release := s.lock("shop", "orders")
	s.press("shop")
	s.until("the icon says that a backup runs", func() bool { return strings.Contains(s.tray.tip(), "Backing up shop") })
	if running := s.tray.icon(); running == ok || running == "" {
		t.Error("a run does not change the icon")
	}
	if !s.tray.offers("Quit, and cancel: Backing up shop") {
		t.Error("Quit does not say that it cancels the run")
	}
	if s.tray.line("Open") != open {
		t.Error("a run that begins replaces the menu under the pointer: a click may be lost")
	}
	release()
	s.until("the backup", func() bool { return s.completed() == had+1 && s.tray.icon() == ok })

	s.press("For an hour")
	s.until("the icon says that backups are paused", func() bool { return strings.Contains(s.tray.tip(), "Paused until today") })
	if paused := s.tray.icon(); paused == ok || paused == "" {
		t.Error("a pause does not change the icon")
	}
	if s.tray.offers("For an hour") {
		t.Error("a pause can be begun twice")
	}
	s.press("Resume")
	s.until("the pause ends", func() bool { return s.tray.icon() == ok && !strings.Contains(s.tray.tip(), "Paused") })
	if s.visible() {
		t.Error("the window shows, though it was started in the background")
	}

	// A failure is notified, and a click opens the window.
	s.sql("postgres", "ALTER DATABASE shop ALLOW_CONNECTIONS false")
	s.press("shop")
	s.until("a notification of the failure", func() bool { return s.tray.noted("Backing up shop: failed") })
	s.until("the icon says so", func() bool { return strings.HasPrefix(s.tray.tip(), "Holdfast: shop: the last try at a backup failed") })
	if s.visible() {
		t.Error("the window shows by itself")
	}
	s.must(s.tray.clickNote("Backing up shop: failed"))
	s.until("the window opens", s.visible)
	s.settle()
	opened := s.picture()
	s.xdo("key", "F5")
	s.settle()
	if n := differing(opened, s.picture()); n > len(opened)/100 {
		t.Errorf("the window opens with what was, not with what is: reading anew changes %d points", n)
	}
	s.xdo("key", "alt+F4")
	s.until("the window hides", func() bool { return !s.visible() })
	s.press("Open")
	s.until("the window opens again", s.visible)
	s.press("Quit, and take no more backups by itself")
	s.until("the icon goes", func() bool { return s.tray.tip() == "" })
}

// TestTrayIconsDifferInShape: who sees no colours tells them apart too. What is drawn in white on
// the shield is compared.
func TestTrayIconsDifferInShape(t *testing.T) {
	test.NewTempApp(t)
	seen := map[string]string{}
	for _, name := range []string{"idle", "running", "ok", "overdue", "attention", "failed", "paused"} {
		text := assets.Icon("tray-" + name)
		if text == nil {
			t.Fatalf("there is no icon %s", name)
		}
		c := software.NewTransparentCanvas()
		c.SetPadded(false)
		c.SetContent(canvas.NewImageFromResource(fyne.NewStaticResource(name+".svg", text)))
		c.Resize(fyne.NewSquareSize(22))
		picture, shape := c.Capture(), ""
		for y := range 22 {
			for x := range 22 {
				if g := color.GrayModel.Convert(picture.At(x, y)).(color.Gray); g.Y > 180 {
					shape += "#"
				} else {
					shape += "."
				}
			}
		}
		for other, drawn := range seen {
			if n := differing([]byte(drawn), []byte(shape)); n < 20 {
				t.Errorf("%s and %s differ in %d of 484 points", name, other, n)
			}
		}
		seen[name] = shape
	}
}
