package catalog_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

func open(t *testing.T, path string, key ...byte) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(t.Context(), path, sealer(key))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func newCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "catalog.db"))
}

// noon gives noon of the n-th day.
func noon(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 123456789, time.UTC) }

// filled gives a T whose every field, also those below it, has a value of its own.
func filled[T any](t *testing.T) T {
	t.Helper()
	var v T
	n := 0
	fillValue(t, reflect.ValueOf(&v).Elem(), &n)
	return v
}

func fillValue(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if _, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(noon(*n)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d with \"quotes\", ü, <&> and\na line", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) << 21)
	case reflect.Uint16, reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillValue(t, v.Index(0), n)
		fillValue(t, v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"sslmode": "verify-full", "sslrootcert": "/ü"}))
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(t, v.Field(i), n)
		}
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

func TestBackupComesBackWithEveryField(t *testing.T) {
	c := newCatalog(t)
	want := filled[backup.Backup](t)
	for range 2 { // added, then replaced
		if err := c.PutBackup(t.Context(), &want); err != nil {
			t.Fatal(err)
		}
		got, err := c.Backup(t.Context(), want.ID)
		if diff := cmp.Diff(&want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		id := want.ID
		want = filled[backup.Backup](t)
		want.ID, want.Note, want.Status, want.Pinned, want.Error, want.Tables = id, "another", backup.StatusFailed, false, nil, want.Tables[:1]
	}
	all, err := c.Backups(t.Context(), backup.Query{Deleted: true})
	if len(all) != 1 || err != nil {
		t.Errorf("%d lines, %v; want one", len(all), err)
	}
}

func TestRestoreComesBackWithEveryField(t *testing.T) {
	c := newCatalog(t)
	want := filled[backup.Restore](t)
	for range 2 {
		if err := c.PutRestore(t.Context(), &want); err != nil {
			t.Fatal(err)
		}
		got, err := c.Restore(t.Context(), want.ID)
		if diff := cmp.Diff(&want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		want.Stage, want.Error, want.UndoOf = backup.StageDone, nil, ""
	}
}

func TestUnknownIDsAreUsage(t *testing.T) {
	c := newCatalog(t)
	_, errBackup := c.Backup(t.Context(), "0123456789abcdef")
	_, errRestore := c.Restore(t.Context(), "0123456789abcdef")
	for _, err := range []error{errBackup, errRestore} {
		if backup.KindOf(err) != backup.Usage {
			t.Errorf("got %v", err)
		}
	}
}

func TestBackupsAreNewestFirstAndFiltered(t *testing.T) {
	c := newCatalog(t)
	east := time.FixedZone("east", 5*60*60)
	for _, b := range []backup.Backup{
		{ID: "b", Sandbox: "shop", Status: backup.StatusCompleted, Started: noon(2)},
		{ID: "d", Sandbox: "blog", Status: backup.StatusFailed, Started: noon(4)},
		{ID: "a", Sandbox: "shop", Status: backup.StatusDeleted, Started: noon(1)},
		{ID: "c", Sandbox: "shop", Status: backup.StatusRunning, Started: noon(3).In(east)},
		{ID: "c2", Sandbox: "shop", Status: backup.StatusRunning, Started: noon(3).Add(time.Nanosecond)},
		{ID: "e", Sandbox: "'; DROP TABLE backups; --", Status: backup.StatusCompleted, Started: noon(5)},
	} {
		b.Tables = []backup.Table{{Name: "orders"}}
		if err := c.PutBackup(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	for want, q := range map[string]backup.Query{
		"e d c2 c b ":   {},
		"e d c2 c b a ": {Deleted: true},
		"c2 c b ":       {Sandbox: "shop"},
		"c2 c b a ":     {Sandbox: "shop", Deleted: true},
		"e ":            {Sandbox: "'; DROP TABLE backups; --"},
		"":              {Sandbox: "SHOP"},
	} {
		list, err := c.Backups(t.Context(), q)
		got := ""
		for i := range list {
			got += string(list[i].ID) + " "
			if list[i].Tables != nil {
				t.Errorf("%s has its tables in the list", list[i].ID)
			}
		}
		if got != want || err != nil {
			t.Errorf("%+v gives %q, %v; want %q", q, got, err, want)
		}
	}
}

func TestRestoresAreNewestFirst(t *testing.T) {
	c := newCatalog(t)
	for i, id := range []backup.ID{"b", "c", "a"} {
		if err := c.PutRestore(t.Context(), &backup.Restore{ID: id, Started: noon([]int{2, 3, 1}[i])}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := c.Restores(t.Context())
	if err != nil || len(list) != 3 || list[0].ID != "c" || list[1].ID != "b" || list[2].ID != "a" {
		t.Errorf("got %v, %v", list, err)
	}
}

func stored(t *testing.T, id backup.ID) backup.Stored {
	t.Helper()
	m := filled[backup.Manifest](t)
	m.ID = id
	return backup.Stored{Manifest: &m, AddedBytes: 77, VerifiedAt: noon(9)}
}

func TestFillTakesWhatTheVaultKnows(t *testing.T) {
	c := newCatalog(t)
	s := stored(t, "0123456789abcdef")
	if err := c.Fill(t.Context(), []backup.Stored{s}, noon(1)); err != nil {
		t.Fatal(err)
	}
	m := s.Manifest
	want := &backup.Backup{
		ID: m.ID, Sandbox: m.Sandbox, What: m.What, Trigger: m.Trigger, Schedule: m.Schedule, Status: backup.StatusCompleted, Verdict: backup.Intact,
		VerdictAt: noon(9), Started: m.Started, Finished: m.Finished, Note: m.Note, Who: m.Who, Database: m.Database.Name,
		ServerVersion: m.ServerVersion, ToolsVersion: m.ToolsVersion, RawBytes: m.RawBytes(), AddedBytes: 77, Rows: m.Rows(), Tables: m.Tables, Selection: m.Selection, Media: m.Media,
	}
	got, err := c.Backup(t.Context(), m.ID)
	if err != nil || got.VerdictReason == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	got.VerdictReason = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFillKeepsKnownLinesAndIsRepeatable(t *testing.T) {
	c := newCatalog(t)
	known := filled[backup.Backup](t)
	if err := c.PutBackup(t.Context(), &known); err != nil {
		t.Fatal(err)
	}
	wantNeed(t, c, true)
	for range 2 {
		if err := c.Fill(t.Context(), []backup.Stored{stored(t, known.ID), stored(t, "other")}, noon(1)); err != nil {
			t.Fatal(err)
		}
		wantNeed(t, c, false)
		got, err := c.Backup(t.Context(), known.ID)
		if diff := cmp.Diff(&known, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		all, err := c.Backups(t.Context(), backup.Query{Deleted: true})
		if len(all) != 2 || err != nil {
			t.Errorf("%d lines, %v; want 2", len(all), err)
		}
	}
}

func TestFillOfAnEmptyVaultCounts(t *testing.T) {
	c := newCatalog(t)
	if err := c.Fill(t.Context(), nil, noon(1)); err != nil {
		t.Fatal(err)
	}
	wantNeed(t, c, false)
}

func wantNeed(t *testing.T, c *catalog.Catalog, want bool) {
	t.Helper()
	if got, err := c.NeedsFill(t.Context()); got != want || err != nil {
		t.Errorf("NeedsFill gives %v, %v; want %v", got, err, want)
	}
}

func TestFactsAreRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	for _, want := range []string{"", "first", "second", "with 'quotes', ü\n"} {
		if want != "" {
			check(t, c.SetFact(t.Context(), "name", want))
		}
		if got, err := open(t, path).Fact(t.Context(), "name"); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	wantNeed(t, c, true)
}

func TestFactsOfAKind(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	for _, name := range []string{"drill %_b", "drill a", "dril", "other"} {
		check(t, c.SetFact(t.Context(), name, "of "+name))
	}
	check(t, c.DropFact(t.Context(), "drill a"))
	check(t, c.DropFact(t.Context(), "nothing"))
	if got, err := c.Facts(t.Context(), "drill "); len(got) != 1 || got[0] != "of drill %_b" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAThousandBackupsAreListedWithoutDecodingTheirTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	all := make([]backup.Stored, 1000)
	for i := range all {
		all[i] = stored(t, backup.ID(fmt.Sprintf("%016x", i)))
		all[i].Manifest.Started = noon(1).Add(time.Duration((i*7919)%1000) * time.Minute) // mixed up
	}
	if err := c.Fill(t.Context(), all, noon(1)); err != nil {
		t.Fatal(err)
	}
	runSQL(t, path, `UPDATE backups SET tables = 'no JSON'`)
	list, err := c.Backups(t.Context(), backup.Query{})
	if len(list) != len(all) || err != nil {
		t.Fatalf("%d lines, %v; want %d", len(list), err, len(all))
	}
	for i := range list {
		if want := noon(1).Add(time.Duration(999-i) * time.Minute); !list[i].Started.Equal(want) {
			t.Fatalf("line %d is of %s, want %s", i, list[i].Started, want)
		}
	}
}
