package backup_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/backup"
)

func TestNearestWord(t *testing.T) {
	t.Parallel()
	words := []string{"create", "list", "show", "verify", "compare", "download", "delete", "Änderung"}
	for typed, want := range map[string]string{
		"craete": "create", "creat": "create", "lst": "list", "lits": "list", "verfy": "verify", "down": "download",
		"SHOW": "show", "compair": "compare", "anderung": "Änderung",
		"": "", "x": "", "ab": "", "restore-everything": "", "zzzz": "", "lxxt": "",
	} {
		if got := backup.Nearest(typed, words); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestNearestNameIsInTheHint(t *testing.T) {
	t.Parallel()
	all := []backup.Backup{{ID: "0123456789ab", Sandbox: "shop", Status: backup.StatusCompleted}, {ID: "fedcba987654", Sandbox: "blog", Status: backup.StatusCompleted}}
	for ref, want := range map[string]string{"latest:shpo": `"latest:shop"`, "0123456798ab": `"0123456789ab"`, "lastest": `"latest"`, "feddba": `"fedcba987654"`} {
		_, err := backup.Resolve(time.Now(), ref, all, "")
		if err == nil || !strings.Contains(backup.AsError(err).Hint, want) {
			t.Errorf("%s: %v, hint %q, want %s", ref, err, backup.AsError(err).Hint, want)
		}
	}
	_, err := backup.ResolveRestore(time.Now(), "0123456798ab", []backup.Restore{{ID: "0123456789ab"}})
	if err == nil || !strings.Contains(backup.AsError(err).Hint, `"0123456789ab"`) {
		t.Errorf("a restore: %v", err)
	}
}
