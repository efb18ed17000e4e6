package platform_test

import (
	"fmt"
	"os"
	"testing"
)

// childEnv makes the test program act as a child of a test: its value names what to do.
const childEnv = "HOLDFAST_TEST_CHILD"

var children = map[string]func() error{
	"self":                    childSelf,
	"keep":                    childKeep,
	"store":                   childStore,
	"runtime-folder":          childRuntimeFolder,
	"locked":                  childLocked,
	"locked-without-prompter": childLockedWithoutPrompter,
	"absent":                  childAbsent,
	"bus-dies":                childBusDies,
	"password":                childPassword,
	"line":                    childLine,
	"signals":                 childSignals,
}

func TestMain(m *testing.M) {
	do, ok := children[os.Getenv(childEnv)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
