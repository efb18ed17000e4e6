package postgres

import (
	"testing"

	"holdfast/backup"
)

func TestCreateSQL(t *testing.T) {
	const head = `CREATE DATABASE "s" TEMPLATE template0 ALLOW_CONNECTIONS false`
	cases := []struct {
		name string
		num  int
		d    backup.Database
		want string // "" = refused
	}{
		{"libc on 13", 130000, backup.Database{Owner: `o"o`, Encoding: "UTF8", Collate: "C", Ctype: "it's", Provider: "c", Tablespace: "pg_default"},
			head + ` OWNER = "o""o" ENCODING = 'UTF8' LC_COLLATE = 'C' LC_CTYPE = 'it''s'`},
		{"libc on 15", 150000, backup.Database{Encoding: "UTF8", Collate: "C", Ctype: "C", Provider: "c", Tablespace: "fast"},
			head + ` TABLESPACE = "fast" ENCODING = 'UTF8' LC_COLLATE = 'C' LC_CTYPE = 'C' LOCALE_PROVIDER = libc`},
		{"icu on 14", 140000, backup.Database{Provider: "i", Locale: "de"}, ""},
		{"icu on 15", 150000, backup.Database{Encoding: "UTF8", Collate: "C", Ctype: "C", Provider: "i", Locale: "de", LocaleRules: "&a < b"},
			head + ` ENCODING = 'UTF8' LC_COLLATE = 'C' LC_CTYPE = 'C' LOCALE_PROVIDER = icu ICU_LOCALE = 'de'`},
		{"icu on 16", 160000, backup.Database{Encoding: "UTF8", Provider: "i", Locale: "de", LocaleRules: "&a < b"},
			head + ` ENCODING = 'UTF8' LOCALE_PROVIDER = icu ICU_LOCALE = 'de' ICU_RULES = '&a < b'`},
		{"builtin on 16", 160000, backup.Database{Provider: "b", Locale: "C.UTF-8"}, ""},
		{"builtin on 17", 170000, backup.Database{Encoding: "UTF8", Provider: "b", Locale: "C.UTF-8"},
			head + ` ENCODING = 'UTF8' LOCALE_PROVIDER = builtin BUILTIN_LOCALE = 'C.UTF-8'`},
	}
	for _, c := range cases {
		got, err := createSQL("s", &c.d, c.num)
		if got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
		if c.want == "" {
			wantKind(t, err, backup.Refused, "newer server")
		}
	}
}
