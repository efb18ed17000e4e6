package command_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/app/command"
	"holdfast/assets"
)

func readReadme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// consoleLines gives the lines of the indented blocks below a heading ("" is all), joined where a
// backslash ends them.
func consoleLines(readme, heading string) []string {
	var lines []string
	within, open := heading == "", ""
	for line := range strings.Lines(readme) {
		line = strings.TrimRight(line, "\n")
		if title, ok := strings.CutPrefix(line, "## "); ok && heading != "" {
			within = title == heading
		}
		text, code := strings.CutPrefix(line, "    ")
		if !within || !code {
			continue
		}
		open += strings.TrimSpace(text)
		if rest, more := strings.CutSuffix(open, `\`); more {
			open = rest
			continue
		}
		lines = append(lines, open)
		open = ""
	}
	return lines
}

// ours gives the words of a line that calls the program, without its name.
func ours(t *testing.T, line string) ([]string, bool) {
	t.Helper()
	words, err := shellWords(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if len(words) == 0 || words[0] != "holdfast" && words[0] != "./holdfast" {
		return nil, false
	}
	if end := slices.IndexFunc(words, func(word string) bool { return slices.Contains([]string{">", "|", "&&", ";"}, word) }); end > 0 {
		words = words[:end] // the rest is the shell's
	}
	return words[1:], true
}

// helpPages gives the pages of the help in all languages, by what to call them.
func helpPages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, language := range []string{"en", "de"} {
		for _, p := range assets.Help(language) {
			pages[p.Name+" ("+language+")"] = p.Text
		}
	}
	return pages
}

func TestReadmeAndHelpCommandsParse(t *testing.T) {
	t.Parallel()
	texts := helpPages(t)
	texts["README.md"] = readReadme(t)
	n := 0
	for name, text := range texts {
		for _, line := range consoleLines(text, "") {
			if args, ok := ours(t, line); ok {
				n++
				if _, err := command.Parse(args); err != nil {
					t.Errorf("%s: %s: %v", name, line, err)
				}
			}
		}
	}
	if n < 120 {
		t.Errorf("%d commands were found", n)
	}
}

// TestReadmeNamesHelp wants each page of the help in the README's table of them, and no other.
func TestReadmeNamesHelp(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(readReadme(t), "| command | page |")
	var named []string
	for _, topic := range regexp.MustCompile("`holdfast help ([a-z-]+)`").FindAllStringSubmatch(table, -1) {
		named = append(named, topic[1])
	}
	want := []string{"json", "config"}
	for _, p := range assets.Help("en") {
		want = append(want, p.Name)
	}
	slices.Sort(named)
	slices.Sort(want)
	if !slices.Equal(named, want) {
		t.Errorf("the README names %q, the help has %q", named, want)
	}
}

// TestHelpNamesCommands looks at the page of all commands: each is there, with the flags that it
// names, none is missing, and each language has the same.
func TestHelpNamesCommands(t *testing.T) {
	t.Parallel()
	pages := helpPages(t)
	page := listedCommands(pages["commands (en)"])
	if other := listedCommands(pages["commands (de)"]); !slices.Equal(page, other) {
		t.Errorf("the languages differ: %q and %q", page, other)
	}
	named := map[string]bool{}
	for _, cell := range page {
		group := ""
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			path := commandOf(group, strings.Fields(strings.ReplaceAll(code[1], "|", "/")))
			if path == "" {
				continue // a page of the help
			}
			named[path] = true
			group = path[:max(strings.LastIndex(path, " "), 0)]
			for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(code[1], -1) {
				if flags := command.Flags(path); !slices.Contains(flags, flag) {
					t.Errorf("%s has no %s", path, flag)
				}
			}
		}
	}
	for path := range command.Leaves() {
		if !named[path] {
			t.Errorf("the page of all commands lacks %s", path)
		}
	}
}

// listedCommands gives what stands before the colon in each line of a page's list.
func listedCommands(page string) []string {
	var cells []string
	for line := range strings.Lines(page) {
		if item, ok := strings.CutPrefix(line, "- "); ok {
			cell, _, _ := strings.Cut(item, "`: ")
			cells = append(cells, cell+"`")
		}
	}
	return cells
}

// commandOf gives the path of the command that words begin with, alone or in a group.
func commandOf(group string, words []string) string {
	leaves := command.Leaves()
	for _, prefix := range []string{"holdfast", group} {
		for n := min(3, len(words)); n > 0 && prefix != ""; n-- {
			if path := prefix + " " + strings.Join(words[:n], " "); leaves[path] != "" {
				return path
			}
		}
	}
	return ""
}

var link = regexp.MustCompile(`\]\(([^)]+)\)`)

func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"README.md", ".github/CONTRIBUTING.md", ".github/CHANGELOG.md"} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if err := checkLink(string(text), m[1]); err != nil {
				t.Errorf("%s: %s: %v", file, m[1], err)
			}
		}
	}
}

func checkLink(text, to string) error {
	if strings.Contains(to, "://") {
		u, err := url.Parse(to)
		if err == nil && (u.Scheme != "https" || !strings.Contains(u.Host, ".")) {
			err = fmt.Errorf("no address of the web")
		}
		return err
	}
	path, anchor, _ := strings.Cut(to, "#")
	if path != "" {
		other, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(path)))
		if err != nil {
			return err
		}
		text = string(other)
	}
	if anchor == "" {
		return nil
	}
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line {
			words := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			if strings.ReplaceAll(words, " ", "-") == anchor {
				return nil
			}
		}
	}
	return fmt.Errorf("there is no heading %q", anchor)
}

// TestReadmeFirstDay runs the commands of "Use it from a shell", one after the other, in a home of
// their own; the passphrase comes from a file where a person would type it.
func TestReadmeFirstDay(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	l := &live{t: t, server: server, dir: t.TempDir(), database: "shop"}
	l.must(execSQL(server, "postgres", "CREATE DATABASE shop"))
	l.must(execSQL(server, "shop", shopSQL))
	l.env = append(withoutSecrets(os.Environ()), "HOLDFAST_HOME="+filepath.Join(l.dir, "home"), "HOLDFAST_KEY_FILE="+filepath.Join(l.dir, "recovery-key.txt"))
	l.must(os.WriteFile(l.approval(), []byte("a good passphrase\n"), 0o600))
	c := server.Connection("shop")
	ran := 0
	for _, line := range consoleLines(readReadme(t), "Use it from a shell") {
		args, ok := ours(t, line)
		if !ok {
			t.Fatalf("what is %q?", line)
		}
		for i, word := range args {
			if strings.HasPrefix(word, "postgres://") {
				args[i] = fmt.Sprintf("host=%s port=%d user=%s dbname=shop", c.Host, c.Port, c.User)
			}
		}
		l.run(0, append(args, "--approve-file", l.approval())...)
		ran++
	}
	if ran < 7 {
		t.Errorf("%d commands ran", ran)
	}
}
