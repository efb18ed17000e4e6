package envfile_test

import (
	"fmt"

	"holdfast/backup/envfile"
)

func ExampleParse() {
	entries, err := envfile.Parse([]byte("# of the shop\nDATABASE_URL=postgres://app@localhost/shop\nNAME=\"a shop\"\n"))
	for _, e := range entries {
		fmt.Printf("%s is %s\n", e.Key, e.Value)
	}
	fmt.Println(err)
	// Output:
	// DATABASE_URL is postgres://app@localhost/shop
	// NAME is a shop
	// <nil>
}
