package envfile_test

import (
	"fmt"
	"strings"
	"testing"

	"holdfast/backup/envfile"
)

// doubling are variables each of which is the one before twice: 2^60 bytes in 61 lines.
func doubling(format string) string {
	var b strings.Builder
	b.WriteString("V0=0123456789abcdef\n")
	for i := range 60 {
		fmt.Fprintf(&b, format, i+1, i, i)
	}
	return b.String()
}

// TestHostileEnvFiles: files that are made to fill the memory or the time are read without that, and
// what is plain in them is found.
func TestHostileEnvFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", envfile.MaxSize-100)
	for name, text := range map[string]string{
		"doubling":             doubling("V%d=${V%d}${V%d}\n"),
		"doubling, quoted":     doubling("V%d=\"${V%d} $V%d\"\n"),
		"doubling, yaml style": doubling("V%d: ${V%d}${V%d}\n"),
		"doubling, exported":   doubling("export V%d = ${V%d}${V%d}\n"),
		"doubling in a circle": strings.Replace(doubling("V%d=${V%d}${V%d}\n"), "0123456789abcdef", "0123456789abcdef${V30}", 1),
		"one name, over again": "V=x\n" + strings.Repeat("V=$V$V\n", 100),
		"one long line":        "LONG=" + long + "\n",
		"a long key":           long + "=1\n",
		"no end of a quote":    "A=\"" + long + "\n",
		"only quotes":          strings.Repeat(`"`, envfile.MaxSize/2) + "\n",
		"only dollars":         "A=" + strings.Repeat("$", envfile.MaxSize/2) + "\n",
		"only braces":          "A=" + strings.Repeat("${", envfile.MaxSize/4) + "\n",
		"only lines":           strings.Repeat("\n", envfile.MaxSize-100),
		"only keys":            strings.Repeat("A=1\n", envfile.MaxSize/8),
		"bytes":                strings.Repeat("\x00\xff=\x00\n", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			size, found := 0, false
			for _, e := range envfile.Entries([]byte(text + "\nREDIS_URL=redis://localhost\n")) {
				size += len(e.Key) + len(e.Value)
				found = found || e.Key == "REDIS_URL" && e.Value == "redis://localhost"
			}
			if size > 4*envfile.MaxSize {
				t.Errorf("%d bytes came of %d", size, len(text))
			}
			if !found && name != "no end of a quote" && name != "only quotes" {
				t.Error("the plain line is not found")
			}
		})
	}
}

// TestManyVariablesInVariables: what is meant is filled in.
func TestManyVariablesInVariables(t *testing.T) {
	t.Parallel()
	text := "PATH=$PATH:/opt\nHOST=localhost\n"
	for i := range 50 {
		text += fmt.Sprintf("URL_%d=redis://${HOST}/%d\n", i, i)
	}
	list, err := envfile.Parse([]byte(text))
	if err != nil || len(list) != 52 || list[3].Value != "redis://localhost/1" {
		t.Errorf("%d entries, %v", len(list), err)
	}
}

// TestHostileComposeFiles: aliases that multiply, aliases of themselves, deep nesting and the wrong
// kinds of things in the right places.
func TestHostileComposeFiles(t *testing.T) {
	t.Parallel()
	var laughs strings.Builder
	laughs.WriteString("a0: &a0 [redis, redis, redis, redis, redis, redis, redis, redis, redis]\n")
	for i := range 30 {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 9), ","))
	}
	for name, text := range map[string]string{
		"aliases that multiply":  laughs.String() + "services: {x: {image: redis, ports: *a30, environment: *a30}}\n",
		"an alias of itself":     "services: &s {x: {image: redis, environment: *s}}\n",
		"merged with itself":     "services: &s\n  <<: *s\n  x: {image: redis}\n",
		"merged many times":      "services: &s\n  <<: [*s, *s, *s, *s, *s, *s, *s, *s, *s, *s]\n  x: &x {image: redis, <<: [*x, *x, *x, *x, *x, *x, *x, *x, *x, *x]}\n" + strings.Repeat("  y: *x\n", 1000),
		"deep lists":             "services: " + strings.Repeat("[", 100_000),
		"deep maps":              strings.Repeat("{a: ", 100_000),
		"a list for services":    "services: [redis]\n",
		"a number for a service": "services: {x: 1}\n",
		"a map for an image":     "services: {x: {image: {a: b}}}\n",
		"one long line":          "services: {x: {image: '" + strings.Repeat("redis", 200_000) + "'}}\n",
		"many services":          "services:\n" + strings.Repeat("  x: {image: redis}\n", 40_000),
		"bytes":                  "services: \x00\xff\xfe",
		"a tag":                  "services: !!binary |\n  AAAA\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range envfile.Services([]byte(text)) {
				if len(s.Image) > envfile.MaxSize || len(s.Environment) > 1000 {
					t.Errorf("%s: %d bytes, %d variables", s.Name, len(s.Image), len(s.Environment))
				}
			}
		})
	}
	shared := "x-env: &env {A: b}\nservices:\n  cache: {image: redis, environment: {<<: *env, C: d}}\n"
	if got := envfile.Services([]byte(shared)); len(got) != 1 || got[0].Environment["A"] != "b" || got[0].Environment["C"] != "d" {
		t.Errorf("plain anchors: %+v", got)
	}
}
