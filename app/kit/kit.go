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
	Copies  []Copy // off-site
}

// Copy is a copy of the vault at another place.
type Copy struct {
	Name  string
	Where string
	Open  string // command that opens it
	Stock string // the same for the kopia command
}

// title and the paragraphs are the sheet's words, in their order.
const title = "Holdfast recovery kit"

func (k Kit) paragraphs() []string {
	return []string{
		"Whoever has this sheet and the vault, or a copy of it, reads every backup. Keep it away from the machine, such as in a safe or a password manager. Nobody can give out the key anew.",
		fmt.Sprintf("Vault %s, in the folder %s on %s. This sheet was made %s.", k.VaultID, k.Vault, k.Host, k.Made.Format("2 January 2006")),
	}
}

// step is what to do, and the commands for it.
type step struct {
	words    string
	commands []string
}

func (k Kit) steps() []step {
	open := []step{
		{"1. Put the key into a file that only you can read, here key.txt, and name it:", []string{"chmod 600 key.txt", `export HOLDFAST_KEY_FILE="$PWD/key.txt"`}},
		{"2. Open the vault. If you have its folder, or a copy of it, whole:", []string{"holdfast vault open --path FOLDER"}},
	}
	for _, c := range k.Copies {
		open = append(open, step{"Or instead from the copy " + c.Name + ", " + c.Where + ":", []string{c.Open}})
	}
	return append(open,
		step{"3. Choose an approval passphrase, see what there is, connect a server for each database and bring it back:", []string{
			"holdfast gate set-passphrase", "holdfast backup list", "holdfast sandbox add NAME --dsn URL", "holdfast restore latest:NAME",
		}},
	)
}

// stock says how to go on without Holdfast.
func (k Kit) stock() []step {
	steps := []step{{"Open the vault with the kopia command, which asks for the password: that is the key.", []string{"kopia repository connect filesystem --readonly --path FOLDER"}}}
	for _, c := range k.Copies {
		steps = append(steps, step{"Or instead the copy " + c.Name + ":", []string{c.Stock}})
	}
	return append(steps, step{
		"Take a backup out; the list shows its SNAPSHOT, a k and 32 digits and letters. RESTORE.txt in the folder says, from its step 3 on, how to go on with PostgreSQL's own tools.",
		[]string{"kopia snapshot list --all", "kopia restore SNAPSHOT backup", "cd backup"},
	})
}

// fill explains the words that the commands leave open.
func (k Kit) fill() string {
	text := "Fill in the words in capital letters."
	for _, c := range k.Copies {
		if strings.Contains(c.Open, "-FILE") {
			return text + " KEY-FILE is the private SSH key that the place knows, SECRET-FILE a file with the place's password or secret: this sheet has neither."
		}
	}
	return text
}

// Text writes the sheet as plain text. Its indented lines are commands.
func (k Kit) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", title, strings.Repeat("=", len(title)))
	for _, p := range k.paragraphs() {
		fmt.Fprintf(&b, "%s\n\n", p)
	}
	fmt.Fprintf(&b, "Recovery key:\n\n    %s\n\n", k.Key)
	for _, part := range k.parts() {
		fmt.Fprintf(&b, "%s\n%s\n\n", part.head, strings.Repeat("-", len(part.head)))
		for _, s := range part.steps {
			fmt.Fprintf(&b, "%s\n\n", s.words)
			for _, c := range s.commands {
				fmt.Fprintf(&b, "    %s\n", c)
			}
			b.WriteString("\n")
		}
	}
	fmt.Fprintf(&b, "%s\n", k.fill())
	_, err := io.WriteString(w, b.String())
	return err
}

type part struct {
	head  string
	steps []step
}

func (k Kit) parts() []part {
	return []part{{"On a new machine", k.steps()}, {"Without Holdfast", k.stock()}}
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
	page.SetMargins(20, 15, 20)
	page.SetAutoPageBreak(true, 12)
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
	for _, part := range k.parts() {
		text("B", 11, 5.5, part.head)
		for _, s := range part.steps {
			text("", 9.5, 4.5, s.words)
			page.SetFont("Courier", "", 7.5)
			page.MultiCell(0, 3.6, latin(strings.Join(s.commands, "\n")), "", "L", false)
			page.Ln(2)
		}
	}
	text("", 9.5, 4.5, k.fill())
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
