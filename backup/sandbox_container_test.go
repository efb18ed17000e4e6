package backup_test

import (
	"encoding/json"
	"strings"
	"testing"

	"holdfast/backup"
)

func TestContainer(t *testing.T) {
	for _, good := range []backup.Container{{}, {Engine: "docker", Name: "pg"}, {Engine: "podman", Name: "9"}, {Engine: "docker", Name: "My_app-db.1"}} {
		if err := good.Validate(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []backup.Container{
		{Name: "pg"}, {Engine: "docker"}, {Engine: "rkt", Name: "pg"}, {Engine: "docker", Name: "-v"}, {Engine: "docker", Name: ".a"},
		{Engine: "docker", Name: "a b"}, {Engine: "docker", Name: "a/b"}, {Engine: "docker", Name: "a\n"}, {Engine: "docker", Name: "ä"},
		{Engine: "docker", Name: strings.Repeat("x", 256)},
	} {
		if err := bad.Validate(); backup.KindOf(err) != backup.Usage {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	c := backup.Connection{Host: "127.0.0.1", Port: 5432}
	if got := c.At("shop"); got != "shop at 127.0.0.1:5432" {
		t.Error(got)
	}
	c.Container = backup.Container{Engine: "docker", Name: "pg"}
	if got := c.At("shop"); got != "shop in container pg (docker)" {
		t.Error(got)
	}
}

// TestContainerIsOnRecord: what mends an interrupted restore reads the connection back.
func TestContainerIsOnRecord(t *testing.T) {
	rec := backup.Restore{Connection: backup.Connection{Database: "shop", Container: backup.Container{Engine: "docker", Name: "pg"}}}
	text, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	var again backup.Restore
	if err := json.Unmarshal(text, &again); err != nil || again.Connection.Container != rec.Connection.Container {
		t.Errorf("%+v %v from %s", again.Connection, err, text)
	}
	text, _ = json.Marshal(backup.Restore{})
	if strings.Contains(string(text), "Container") {
		t.Errorf("a record without a container has one: %s", text)
	}
}
