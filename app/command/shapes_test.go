package command_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/app/command"
	"holdfast/app/desktop"
)

// field is one field of an object that json.txt describes.
type field struct {
	kind     string // string, [table], time?, …
	optional bool
	means    string
}

// described is json.txt, read.
type described struct {
	commands map[string][]string // what each gives, by its path below holdfast
	objects  map[string]map[string]field
}

var (
	commandLine = regexp.MustCompile(`^([a-z-]+(?: [a-z-]+)*) {2,}(\S.*)$`)
	objectLine  = regexp.MustCompile(`^([a-z-]+): \S`)
	allOfLine   = regexp.MustCompile(`^ {2}all of +([a-z-]+)$`) // an object of above
	fieldLine   = regexp.MustCompile(`^ {2}([a-z0-9_]+)(\??) +(\S+) +(\S.*)$`)
)

// readShapes reads json.txt.
func readShapes() (described, error) {
	d := described{commands: map[string][]string{}, objects: map[string]map[string]field{}}
	_, rest, _ := strings.Cut(command.Shapes, "\nCOMMANDS\n")
	commands, objects, found := strings.Cut(rest, "\nOBJECTS\n")
	if !found {
		return d, errors.New("json.txt has no COMMANDS and OBJECTS")
	}
	for line := range strings.Lines(strings.TrimSpace(commands)) {
		m := commandLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			return d, fmt.Errorf("no command: %q", line)
		}
		d.commands[m[1]] = strings.Split(m[2], " | ")
	}
	object := ""
	for line := range strings.Lines(objects) {
		line = strings.TrimSuffix(line, "\n")
		if m := objectLine.FindStringSubmatch(line); m != nil {
			object = m[1]
			d.objects[object] = map[string]field{}
		} else if m := allOfLine.FindStringSubmatch(line); m != nil {
			maps.Copy(d.objects[object], d.objects[m[1]])
		} else if m := fieldLine.FindStringSubmatch(line); m != nil {
			d.objects[object][m[1]] = field{kind: m[3], optional: m[2] == "?", means: m[4]}
		} else if line != "" {
			return d, fmt.Errorf("no object and no field: %q", line)
		}
	}
	return d, nil
}

// check says where v is not of that kind; "" is nowhere.
func (d described) check(at, kind string, v any) string {
	if inner, ok := strings.CutSuffix(kind, "?"); ok {
		if v == nil {
			return ""
		}
		kind = inner
	}
	good := false
	switch x := v.(type) {
	case string:
		good = kind == "string"
		if kind == "time" {
			_, err := time.Parse(time.RFC3339Nano, x)
			good = err == nil && strings.HasSuffix(x, "Z")
		}
	case bool:
		good = kind == "bool"
	case json.Number:
		_, err := x.Int64()
		good = kind == "number" || kind == "int" && err == nil
	case []any:
		if inner, ok := between(kind, "[", "]"); ok {
			for i, one := range x {
				if wrong := d.check(fmt.Sprintf("%s[%d]", at, i), inner, one); wrong != "" {
					return wrong
				}
			}
			return ""
		}
	case map[string]any:
		if inner, ok := between(kind, "{", "}"); ok {
			for key, one := range x {
				if wrong := d.check(at+"."+key, inner, one); wrong != "" {
					return wrong
				}
			}
			return ""
		}
		return d.checkObject(at, kind, x)
	}
	if !good {
		return fmt.Sprintf("%s is %v (%T), not of the kind %s", at, v, v, kind)
	}
	return ""
}

func (d described) checkObject(at, kind string, v map[string]any) string {
	fields, ok := d.objects[kind]
	if !ok {
		return fmt.Sprintf("%s is an object, not of the kind %s", at, kind)
	}
	for name, f := range fields {
		one, there := v[name]
		if !there {
			if f.optional {
				continue
			}
			return fmt.Sprintf("%s (%s) lacks %s", at, kind, name)
		}
		if wrong := d.check(at+"."+name, f.kind, one); wrong != "" {
			return wrong
		}
	}
	for name := range v {
		if _, ok := fields[name]; !ok {
			return fmt.Sprintf("%s (%s) has %s, which json.txt does not know", at, kind, name)
		}
	}
	return ""
}

func between(text, left, right string) (string, bool) {
	if strings.HasPrefix(text, left) && strings.HasSuffix(text, right) {
		return text[1 : len(text)-1], true
	}
	return "", false
}

// checkOutput says what of a command's document is not as json.txt has it.
func (d described) checkOutput(path string, output []byte) string {
	dec := json.NewDecoder(bytes.NewReader(output))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "no JSON: " + err.Error()
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return "more than one document"
	}
	if object, ok := v.(map[string]any); ok && len(object) == 1 && object["error"] != nil {
		return d.check("error", "fault", object["error"])
	}
	kinds := d.commands[strings.TrimPrefix(path, "holdfast ")]
	var wrong []string
	for _, kind := range kinds {
		text := d.check("it", kind, v)
		if text == "" {
			return ""
		}
		wrong = append(wrong, text)
	}
	return fmt.Sprintf("is not as described %q: %s", kinds, strings.Join(wrong, "; "))
}

// runChecked is the program in the scripts: with --json its document must be as json.txt says.
func runChecked(args []string) int {
	end := slices.Index(args, "--")
	if end < 0 {
		end = len(args)
	}
	if !slices.Contains(args[:end], "--json") {
		return command.Run(args, "test", desktop.Run)
	}
	out := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		return fail(err.Error())
	}
	os.Stdout = w
	var text bytes.Buffer
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.MultiWriter(&text, out), r)
		read <- err
	}()
	code := command.Run(args, "test", desktop.Run)
	if err := errors.Join(w.Close(), <-read); err != nil {
		return fail(err.Error())
	}
	return judge(args, text.Bytes(), code)
}

// judge gives code, or says what is wrong with the output.
func judge(args []string, output []byte, code int) int {
	d, err := readShapes()
	if err != nil {
		return fail(err.Error())
	}
	path, err := command.Parse(args)
	if err != nil {
		path = "" // wrong usage: an error is all that may come
	}
	if wrong := d.checkOutput(path, output); wrong != "" {
		return fail(fmt.Sprintf("%s: its JSON %s", strings.Join(args, " "), wrong))
	}
	work := os.Getenv("WORK") // of a script
	if code != 0 || work == "" {
		return code
	}
	f, err := os.OpenFile(filepath.Join(work, "seen"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, path)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fail(err.Error())
	}
	return code
}

func fail(text string) int {
	fmt.Fprintln(os.Stderr, "test:", text)
	return 99
}

// allSeen is `allseen COMMAND…`: every command that json.txt describes gave its document in this
// script, but for those that are named.
func allSeen(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("allseen cannot be negated")
	}
	d, err := readShapes()
	ts.Check(err)
	text, err := os.ReadFile(filepath.Join(ts.Getenv("WORK"), "seen"))
	ts.Check(err)
	seen := strings.Split(string(text), "\n")
	for path := range d.commands {
		if !slices.Contains(seen, "holdfast "+path) && !slices.Contains(args, path) {
			ts.Fatalf("%s did not give its JSON", path)
		}
	}
}

func TestJSONIsDescribedForEveryCommand(t *testing.T) {
	t.Parallel()
	d, err := readShapes()
	if err != nil {
		t.Fatal(err)
	}
	leaves := command.Leaves()
	for path := range leaves {
		if _, ok := d.commands[strings.TrimPrefix(path, "holdfast ")]; !ok && path != "holdfast schedule run" { // it stays
			t.Errorf("json.txt does not say what %s gives", path)
		}
	}
	used := map[string]bool{"fault": true}
	use := func(kind string) {
		kind = strings.Trim(kind, "[]{}?")
		if _, ok := d.objects[kind]; !ok && !slices.Contains([]string{"string", "int", "number", "bool", "time", "any"}, kind) {
			t.Errorf("json.txt does not say what a %s is", kind)
		}
		used[kind] = true
	}
	for path, kinds := range d.commands {
		if _, ok := leaves["holdfast "+path]; !ok && path != "--version" {
			t.Errorf("json.txt describes %s, which is no command", path)
		}
		for _, kind := range kinds {
			use(kind)
		}
	}
	for _, fields := range d.objects {
		for _, f := range fields {
			use(f.kind)
		}
	}
	for name := range d.objects {
		if !used[name] {
			t.Errorf("json.txt describes %s, which nothing gives", name)
		}
	}
}
