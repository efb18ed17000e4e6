package rowsum_test

import (
	"fmt"

	"holdfast/backup/rowsum"
)

// The order of rows, and how they are cut into writes, make no difference.
func ExampleRows() {
	var one, other rowsum.Rows
	fmt.Fprint(&one, "1\tada\n2\tbob\n")
	fmt.Fprint(&other, "2\tb")
	fmt.Fprint(&other, "ob\n1\tada\n")
	fmt.Println(one.Rows(), one.Bytes(), one.Hex() == other.Hex())
	// Output:
	// 2 12 true
}
