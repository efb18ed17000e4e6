package export_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"holdfast/backup"
	"holdfast/backup/export"
	"holdfast/backup/rowsum"
)

// stored stands for a backup in the vault: its parts by name.
type stored map[string]string

func (s stored) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(s[name])), nil
}

// The rows of a backup as JSON, typed by their columns, and compared with the manifest on the way.
func ExampleJSON() {
	const rows = "1\tada\\tl.\n2\t\\N\n"
	var sum rowsum.Rows
	if _, err := io.WriteString(&sum, rows); err != nil {
		fmt.Println(err)
		return
	}
	table := backup.Table{
		Schema: "public", Name: "people", Part: "data/1.copy", Rows: 2, Bytes: int64(len(rows)), Hash: sum.Hex(),
		Columns: []backup.Column{{Name: "id", Type: "integer"}, {Name: "name", Type: "text"}},
	}
	m := &backup.Manifest{Database: backup.Database{Encoding: "UTF8"}, Tables: []backup.Table{table}}
	var out strings.Builder
	if err := export.JSON(context.Background(), m, stored{"data/1.copy": rows}, &out, false, nil); err != nil {
		fmt.Println(err)
		return
	}
	_, data, _ := strings.Cut(out.String(), `"data": `)
	fmt.Fprint(os.Stdout, data)

	m.Tables[0].Hash = "00000000000000000000000000000000"
	err := export.JSON(context.Background(), m, stored{"data/1.copy": rows}, io.Discard, false, nil)
	fmt.Println(backup.KindOf(err))
	// Output:
	// {
	// "public.people": [
	// {"id":1,"name":"ada\tl."},
	// {"id":2,"name":null}]}}
	// damaged
}
