// Package kit writes the recovery kit: one sheet that opens the vault on a bare machine. It says
// where the vault is, gives the key in words and as a QR code, and how to go on with Holdfast and
// with stock tools.
package kit

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// Kit is what the sheet says.
type Kit struct {
	Key     string // the recovery key, in its groups
	Vault   string // folder of the vault
	VaultID string
	Host    string // machine on which it was made
	Made    time.Time
}

// title and the paragraphs are the sheet's words, in their order.
const title = "Holdfast recovery kit"

func (k Kit) paragraphs() []string {
	return []string{
		"Whoever has this sheet and the vault, or a copy of it, reads every backup. Keep it away from the machine, such as in a safe or a password manager. Nobody can give out the key anew.",
		fmt.Sprintf("Vault %s, in the folder %s on %s. This sheet was made %s.", k.VaultID, k.Vault, k.Host, k.Made.Format("2 January 2006")),
	}
}

func (k Kit) steps() []string {
	return []string{
		"1. Copy the vault's folder to the new machine, whole.",
		"2. Put the key into a file that only you can read, and name it: chmod 600 key.txt; export HOLDFAST_KEY_FILE=$PWD/key.txt",
		"3. holdfast vault open --path FOLDER",
		"4. holdfast backup list, then holdfast sandbox add NAME --dsn URL for each database, and holdfast restore ID --target NAME",
		"Without Holdfast: kopia repository connect filesystem --path FOLDER (the password is the key), kopia snapshot list --all, kopia restore SNAPSHOT folder. RESTORE.txt in that folder says how to go on with PostgreSQL's own tools.",
	}
}

// Text writes the sheet as plain text.
func (k Kit) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", title, strings.Repeat("=", len(title)))
	for _, p := range k.paragraphs() {
		fmt.Fprintf(&b, "%s\n\n", p)
	}
	fmt.Fprintf(&b, "Recovery key:\n\n    %s\n\nOn a new machine:\n\n", k.Key)
	for _, s := range k.steps() {
		fmt.Fprintf(&b, "%s\n\n", s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// PDF writes the sheet as one page of A4.
func (k Kit) PDF(w io.Writer) error {
	code, err := k.code()
	if err != nil {
		return err
	}
	page := fpdf.New("P", "mm", "A4", "")
	page.SetCatalogSort(true) // the same sheet gives the same file
	page.SetTitle(title, true)
	page.SetCreationDate(k.Made)
	page.SetModificationDate(k.Made)
	page.SetMargins(20, 20, 20)
	page.AddPage()
	latin := page.UnicodeTranslatorFromDescriptor("") // the built-in fonts have the western alphabet
	page.SetFont("Helvetica", "B", 20)
	page.CellFormat(0, 12, title, "", 1, "L", false, 0, "")
	text := func(style string, size, height float64, words string) {
		page.SetFont("Helvetica", style, size)
		page.MultiCell(0, height, latin(words), "", "L", false)
		page.Ln(2)
	}
	for _, p := range k.paragraphs() {
		text("", 11, 5.5, p)
	}
	page.Ln(2)
	text("B", 11, 5.5, "Recovery key")
	y := page.GetY()
	page.SetFont("Courier", "B", 14)
	page.MultiCell(105, 9, k.lines(), "1", "C", false)
	page.RegisterImageOptionsReader("key", fpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(code))
	page.ImageOptions("key", 140, y-8, codeSide, codeSide, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	page.SetY(y + codeSide)
	text("B", 11, 5.5, "On a new machine")
	for _, s := range k.steps() {
		text("", 11, 5.5, s)
	}
	return page.Output(w)
}

// codeSide is the side of the QR code on the sheet, in mm.
const codeSide = 50

// lines breaks the key between groups; who types it may leave the breaks out.
func (k Kit) lines() string {
	groups := strings.Split(k.Key, "-")
	var lines []string
	for len(groups) > 0 {
		n := min(groupsInLine, len(groups))
		lines, groups = append(lines, strings.Join(groups[:n], "-")), groups[n:]
	}
	return strings.Join(lines, "-\n")
}

const groupsInLine = 5

// code draws the key as a QR code, as PNG.
func (k Kit) code() ([]byte, error) {
	drawn, err := qr.Encode(k.Key, qr.M, qr.Auto)
	if err == nil {
		drawn, err = barcode.Scale(drawn, 600, 600)
	}
	var b bytes.Buffer
	if err == nil {
		err = png.Encode(&b, drawn)
	}
	return b.Bytes(), err
}
