package export

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"holdfast/backup"
)

// encodings are the encodings of databases, by PostgreSQL's names, in which names can be written.
func encodings() map[string]encoding.Encoding {
	return map[string]encoding.Encoding{
		"LATIN1": charmap.ISO8859_1, "LATIN2": charmap.ISO8859_2, "LATIN3": charmap.ISO8859_3, "LATIN4": charmap.ISO8859_4,
		"LATIN5": charmap.ISO8859_9, "LATIN6": charmap.ISO8859_10, "LATIN7": charmap.ISO8859_13, "LATIN8": charmap.ISO8859_14,
		"LATIN9": charmap.ISO8859_15, "LATIN10": charmap.ISO8859_16,
		"ISO_8859_5": charmap.ISO8859_5, "ISO_8859_6": charmap.ISO8859_6, "ISO_8859_7": charmap.ISO8859_7, "ISO_8859_8": charmap.ISO8859_8,
		"KOI8R": charmap.KOI8R, "KOI8U": charmap.KOI8U, "WIN866": charmap.CodePage866, "WIN874": charmap.Windows874,
		"WIN1250": charmap.Windows1250, "WIN1251": charmap.Windows1251, "WIN1252": charmap.Windows1252, "WIN1253": charmap.Windows1253,
		"WIN1254": charmap.Windows1254, "WIN1255": charmap.Windows1255, "WIN1256": charmap.Windows1256, "WIN1257": charmap.Windows1257,
		"WIN1258": charmap.Windows1258,
		"EUC_JP":  japanese.EUCJP, "EUC_KR": korean.EUCKR, "EUC_CN": simplifiedchinese.GBK,
	}
}

// encoder gives what turns names of a manifest, which are in UTF-8, into the encoding of a
// database, in which its definitions are.
func encoder(database string) func(string) (string, error) {
	if database == "UTF8" || database == "SQL_ASCII" {
		return func(s string) (string, error) { return s, nil }
	}
	target := encodings()[database]
	return func(s string) (string, error) {
		if !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
			return s, nil
		}
		if target == nil {
			return "", cannotName(s, database, nil)
		}
		encoded, err := target.NewEncoder().String(s)
		if err != nil {
			return "", cannotName(s, database, err)
		}
		return encoded, nil
	}
}

// decoder gives what turns text in the encoding of a database into UTF-8; ok is false when the
// same bytes would not come back from there.
func decoder(database string) func([]byte) (text []byte, ok bool) {
	if database == "UTF8" || database == "SQL_ASCII" {
		return func(v []byte) ([]byte, bool) { return v, utf8.Valid(v) }
	}
	source := encodings()[database]
	return func(v []byte) ([]byte, bool) {
		if isASCII(v) {
			return v, true
		}
		if source == nil {
			return nil, false
		}
		text, err := source.NewDecoder().Bytes(v)
		if err != nil {
			return nil, false
		}
		back, err := source.NewEncoder().Bytes(text)
		return text, err == nil && bytes.Equal(back, v)
	}
}

// encodeBytes gives what turns UTF-8 into the encoding of a database.
func encodeBytes(database string) func([]byte) ([]byte, error) {
	if database == "UTF8" || database == "SQL_ASCII" {
		return func(text []byte) ([]byte, error) { return text, nil }
	}
	target := encodings()[database]
	return func(text []byte) ([]byte, error) {
		if isASCII(text) {
			return text, nil
		}
		if target == nil {
			return nil, cannotName("", database, nil)
		}
		return target.NewEncoder().Bytes(text)
	}
}

func isASCII(v []byte) bool {
	for _, c := range v {
		if c > unicode.MaxASCII {
			return false
		}
	}
	return true
}

func cannotName(name, database string, cause error) error {
	return &backup.Error{
		Kind: backup.Failed, Err: cause, Text: "the name \"" + name + "\" cannot be written in the database's encoding, " + database,
		Hint: "Restore the backup into a new database instead (holdfast restore ID --to-database NAME), and run pg_dump there.",
	}
}
