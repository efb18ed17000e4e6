package config_test

import (
	"fmt"

	"holdfast/app/config"
)

// A key that nothing knows is told, with the one that was probably meant, and has no effect.
func ExampleParse() {
	c, warning, err := config.Parse([]byte("version = 2\n[[sandbox]]\nname = \"shop\"\ndatabase = \"shop\"\nallow_restor = true\n"))
	fmt.Println(c.Sandboxes[0].Name, err)
	fmt.Println(warning)
	// Output:
	// shop <nil>
	// line 5 of the configuration has a key that nothing knows, "sandbox.allow_restor", without effect; did you mean "sandbox.allow_restore"?
}
