package postgres

import (
	"slices"
	"testing"

	"holdfast/backup"
)

func TestSettingValue(t *testing.T) {
	cases := []struct{ name, value, want string }{
		{"work_mem", "5MB", `'5MB'`},
		{"my.text", `it's "so", or not`, `'it''s "so", or not'`},
		{"search_path", `"$user", public`, `'$user', 'public'`},
		{"search_path", `"od""d", "a,b"`, `'od"d', 'a,b'`},
		{"Search_Path", `""`, `''`},
		{"search_path", ``, `''`},
	}
	for _, c := range cases {
		if got := settingValue(backup.Setting{Name: c.name, Value: c.value}); got != c.want {
			t.Errorf("%s = %s: got %s, want %s", c.name, c.value, got, c.want)
		}
	}
	if got := settingName(`my.od"d`); got != `"my"."od""d"` {
		t.Error(got)
	}
}

func TestGrantsOfTheOwnerComeFirst(t *testing.T) {
	d := &backup.Database{Owner: "o", Grants: []backup.Grants{
		{Grantee: "c", Privilege: "CONNECT", Grantor: "b"},
		{Grantee: "b", Privilege: "CONNECT", Grantor: "o", WithOption: true},
	}}
	var sql []string
	for _, st := range grantSteps(`"db"`, d, []string{"x"}) {
		sql = append(sql, st.sql...)
	}
	want := []string{
		`REVOKE ALL ON DATABASE "db" FROM PUBLIC CASCADE`, `REVOKE ALL ON DATABASE "db" FROM "o" CASCADE`, `REVOKE ALL ON DATABASE "db" FROM "x" CASCADE`,
		`GRANT CONNECT ON DATABASE "db" TO "b" WITH GRANT OPTION`,
		`SET LOCAL ROLE "b"`, `GRANT CONNECT ON DATABASE "db" TO "c"`, `RESET ROLE`,
	}
	if !slices.Equal(sql, want) {
		t.Errorf("got %q", sql)
	}
	if steps := grantSteps(`"db"`, &backup.Database{Owner: "o"}, nil); steps != nil {
		t.Errorf("default rights need no steps, got %v", steps)
	}
}
