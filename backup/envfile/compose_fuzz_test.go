package envfile

import "testing"

// FuzzServices wants services with names, in the order of the names, from whatever a compose file is.
func FuzzServices(f *testing.F) {
	f.Add([]byte("services:\n  db:\n    image: postgres:17\n    ports: [\"5433:5432\"]\n    environment:\n      POSTGRES_PASSWORD: x\n"))
	f.Add([]byte("services:\n  db:\n    image: POSTGIS\n    ports:\n      - target: 5432\n        published: \"6000\"\n    environment: [A=b, C]\n"))
	f.Add([]byte("a: &a [x, x]\nb: &b [*a, *a]\nservices: {db: {ports: *b, environment: *b}}\n"))
	f.Add([]byte("services: {db: {environment: {a: {b: c}}, ports: {x: y}}}"))
	f.Add([]byte("services: [db]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list := Services(text)
		for i, s := range list {
			if i > 0 && list[i-1].Name >= s.Name {
				t.Fatalf("%q comes after %q", s.Name, list[i-1].Name)
			}
			_ = s.Is("postgres")
		}
	})
}
