//go:build linux && !headless

package desktop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/app"
	"holdfast/backup/postgres"
	"holdfast/backup/testkit"
)

// TestMain lets the test binary stand in for the program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"holdfast": func() {
		serveProbe()
		os.Exit(app.Main(os.Args[1:]))
	}})
}

// session is a desktop of its own: an X server, a window manager, a session bus with a real
// keyring and a tray, a PostgreSQL, and a home.
type session struct {
	t      *testing.T
	dir    string
	env    []string
	server *postgres.Private
	tray   *trayHost
}

// patience bounds every wait for something that must come.
const patience = 2 * time.Minute

func newSession(t *testing.T) *session {
	t.Helper()
	for tool, pkg := range map[string]string{"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "dbus-daemon": "dbus-daemon", "gnome-keyring-daemon": "gnome-keyring", "import": "imagemagick"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing: install the package %s", tool, pkg)
		}
	}
	dir, err := os.MkdirTemp("", "hf-win-") // short: it holds sockets
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, dir: dir}
	s.must(os.Chmod(dir, 0o711))
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what the desktop's own services leave there
	runtime := filepath.Join(dir, "run")
	s.must(os.Mkdir(runtime, 0o700))
	s.env = append(plainEnv(), "HOME="+dir, "XDG_RUNTIME_DIR="+runtime, "XDG_DATA_HOME="+filepath.Join(dir, "data"), "XDG_CONFIG_HOME="+filepath.Join(dir, "config"),
		"HOLDFAST_HOME="+filepath.Join(dir, "home"), "FYNE_SCALE="+scale(), probeEnv+"="+filepath.Join(dir, "probe"), "FYNE_THEME="+theme(), "LANG=en_US.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1", "TZ="+testkit.Noon(time.Now()))
	s.env = append(s.env, "DISPLAY=:"+s.firstLine("Xvfb", "-displayfd", "1", "-screen", "0", "1680x1100x24"))
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+s.firstLine("dbus-daemon", "--session", "--nofork", "--print-address"))
	s.background("openbox")
	keyring := s.command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	keyring.Stdin = strings.NewReader("the login password")
	s.begin(keyring)
	s.tray = newTrayHost(t, s.value("DBUS_SESSION_BUS_ADDRESS"))
	s.server, err = postgres.StartPrivate(context.Background(), filepath.Join(dir, "server"), postgres.WithoutFsync())
	s.must(err)
	t.Cleanup(func() { s.must(s.server.Stop(context.Background())) })
	return s
}

// theme is light, unless pictures are taken in another one.
func theme() string {
	if name := os.Getenv("HOLDFAST_SHOTS_THEME"); name != "" {
		return name
	}
	return "light"
}

// scale is 1, unless the flows are to go at another one.
func scale() string {
	if at := os.Getenv("HOLDFAST_TEST_SCALE"); at != "" {
		return at
	}
	return "1"
}

func plainEnv() []string {
	var kept []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if name == "PATH" || strings.HasPrefix(name, "TESTSCRIPT") || name == "GOCOVERDIR" || name == "GORACE" {
			kept = append(kept, pair)
		}
	}
	return kept
}

func (s *session) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) value(name string) string {
	for _, pair := range s.env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

func (s *session) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	return cmd
}

// begin starts a process that ends with the test.
func (s *session) begin(cmd *exec.Cmd) {
	s.t.Helper()
	s.must(cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // it is killed below: that is its error
	s.t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
}

// project makes a project whose .env names a database, and has Holdfast look for databases there and
// nowhere else: other servers of this machine are not the test's.
func (s *session) project(folder, database string) {
	s.t.Helper()
	at := filepath.Join(s.dir, folder)
	s.must(os.MkdirAll(at, 0o700))
	c := s.server.Connection(database)
	s.must(os.WriteFile(filepath.Join(at, ".env"), fmt.Appendf(nil, "DATABASE_URL=postgres://%s@/%s?host=%s&port=%d\n", c.User, database, c.Host, c.Port), 0o600))
	s.must(os.Mkdir(s.value("HOLDFAST_HOME"), 0o700))
	config := fmt.Sprintf("version = 1\n[discover]\nfolders = [%q]\nonly_folders = true\n", filepath.Dir(at))
	s.must(os.WriteFile(filepath.Join(s.value("HOLDFAST_HOME"), "config.toml"), []byte(config), 0o600))
}

func (s *session) background(name string, args ...string) { s.begin(s.command(name, args...)) }

// firstLine starts a process that says on its first line where it is to be reached.
func (s *session) firstLine(name string, args ...string) string {
	s.t.Helper()
	cmd := s.command(name, args...)
	out, err := cmd.StdoutPipe()
	s.must(err)
	s.begin(cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatalf("%s says nothing: %v", name, err)
	}
	return strings.TrimSpace(line)
}

// until waits for something to become true.
func (s *session) until(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if holds() {
			return
		}
	}
	if folder := os.Getenv("HOLDFAST_SHOTS"); folder != "" { // the whole screen: there may be no window
		if out, err := s.command("import", "-window", "root", filepath.Join(folder, "failed.png")).CombinedOutput(); err != nil {
			s.t.Logf("no picture: %v\n%s", err, out)
		}
	}
	var texts []string
	for _, o := range s.all() {
		texts = append(texts, o.Text)
	}
	s.t.Fatalf("waited in vain: %s; shown: %q", what, texts)
}

// frame is longer than the toolkit takes for one.
const frame = 150 * time.Millisecond

// blink is how many bytes of a picture a text cursor may change.
const blink = 400

// settle waits until the window shows the same for a while: what was asked for is drawn, and no
// bar moves any more.
func (s *session) settle() {
	s.t.Helper()
	last, same := []byte(nil), 0
	s.until("the window settles", func() bool {
		now, err := s.command("import", "-window", s.window(), "-depth", "8", "gray:-").Output()
		s.must(err)
		if last != nil && differing(last, now) < blink {
			same++
		} else {
			same = 0
		}
		last = now
		return same >= 3
	})
}

func differing(a, b []byte) (n int) {
	if len(a) != len(b) {
		return max(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// says runs a command beside the window and gives what it prints.
func (s *session) says(args ...string) string {
	out, err := s.command("holdfast", args...).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// xdo drives mouse and keyboard.
func (s *session) xdo(args ...string) string {
	s.t.Helper()
	out, err := s.command("xdotool", args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("xdotool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	time.Sleep(frame) // the toolkit takes one event a frame
	return strings.TrimSpace(string(out))
}

// click clicks at a place of the window.
func (s *session) click(x, y int) {
	s.t.Helper()
	s.xdo("mousemove", "--window", s.window(), fmt.Sprint(x), fmt.Sprint(y))
	s.xdo("click", "1")
}

func (s *session) window() string {
	s.t.Helper()
	var ids []string
	s.until("there is a window", func() bool {
		out, err := s.command("xdotool", "search", "--onlyvisible", "--name", "^Holdfast$").Output()
		ids = strings.Fields(string(out))
		return err == nil && len(ids) > 0
	})
	return ids[len(ids)-1]
}

// write types a text into what has the focus, and then presses a key.
func (s *session) write(text, key string) {
	s.t.Helper()
	s.xdo("type", "--delay", "15", text)
	s.xdo("key", key)
}

// shoot keeps a picture when HOLDFAST_SHOTS names a folder.
func (s *session) shoot(name string) {
	folder := os.Getenv("HOLDFAST_SHOTS")
	if folder == "" {
		return
	}
	s.settle()
	// 48 colours are enough for a window and keep the pictures small.
	picture := "png8:" + filepath.Join(folder, name+"-"+theme()+".png")
	if out, err := s.command("import", "-window", s.window(), "-dither", "None", "-colors", "48", "-strip", picture).CombinedOutput(); err != nil {
		s.t.Logf("no picture: %v\n%s", err, out)
	}
}

func (s *session) sql(database, statements string) string {
	s.t.Helper()
	c := s.server.Connection(database)
	cfg, err := pgx.ParseConfig("sslmode=disable")
	s.must(err)
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	conn, err := pgx.ConnectConfig(context.Background(), cfg)
	s.must(err)
	defer conn.Close(context.Background())
	results, err := conn.PgConn().Exec(context.Background(), statements).ReadAll()
	s.must(err)
	if rows := results[len(results)-1].Rows; len(rows) > 0 {
		return string(rows[0][0])
	}
	return ""
}

// completed counts the completed backups, by the commands beside the window.
func (s *session) completed() int {
	out, err := s.command("holdfast", "backup", "list", "--json", "--quiet").Output()
	var list []struct{ Status string }
	if err != nil || json.Unmarshal(out, &list) != nil {
		return -1
	}
	n := 0
	for _, b := range list {
		if b.Status == "completed" {
			n++
		}
	}
	return n
}

// lock keeps everybody from a table until release is called.
func (s *session) lock(database, table string) (release func()) {
	s.t.Helper()
	c := s.server.Connection(database)
	cfg, err := pgx.ParseConfig("sslmode=disable")
	s.must(err)
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	conn, err := pgx.ConnectConfig(context.Background(), cfg)
	s.must(err)
	_, err = conn.Exec(context.Background(), "BEGIN; LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
	s.must(err)
	return func() { s.must(conn.Close(context.Background())) }
}

// press clicks an item of the tray's menu, once it is there: the menu is made anew when things change.
func (s *session) press(label string) {
	s.t.Helper()
	s.until("the tray's menu offers "+label, func() bool { return s.tray.press(label) })
}
