package views_test

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// The bounds within which a screen is as it was. Another machine rounds the edges of letters
// another way; a text that is cut, moved or of another colour changes far more.
const (
	nearly   = 40   // of 255, what a colour may be off
	mostElse = 2000 // of a million points, those that may be off by more
)

// TestLooks compares some screens with their pictures in testdata. `make looks` takes those anew:
// look at them before they are committed.
func TestLooks(t *testing.T) {
	chosen := map[string]bool{"overview": true, "backups": true, "gate": true, "restore-compare": true, "preferences": true}
	for _, theme := range []string{"light", "dark"} {
		l := look{"en", theme, small, 1}
		l.begin(t)
		for _, sc := range scenes() {
			if !chosen[sc.name] {
				continue
			}
			t.Run(sc.name+"-"+theme, func(t *testing.T) {
				s := l.window(t)
				sc.open(s)
				s.arrange()
				s.visible(still)
				s.isAsIn(filepath.Join("testdata", "look-"+sc.name+"-"+theme+".png"))
			})
		}
	}
}

// isAsIn compares the window with a picture, or makes that when HOLDFAST_LOOKS is "new". What
// differs is left beside the test's other files.
func (s *screen) isAsIn(file string) {
	s.t.Helper()
	now := s.window.Canvas().Capture()
	if os.Getenv("HOLDFAST_LOOKS") == "new" {
		savePicture(s.t, file, now)
		return
	}
	f, err := os.Open(file)
	if err != nil {
		s.t.Fatalf("%v: `make looks` takes it", err)
	}
	was, err := png.Decode(f)
	if err != nil || f.Close() != nil {
		s.t.Fatalf("%s: %v", file, err)
	}
	if n := otherPoints(was, now); n > mostElse {
		s.t.Errorf("%s: %d of a million points are others, at most %d may be", file, n, mostElse)
	}
}

// otherPoints counts, of a million points, those whose colour is another.
func otherPoints(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return 1_000_000
	}
	n, size := 0, a.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			if apart(a.At(x, y), b.At(x, y)) > nearly {
				n++
			}
		}
	}
	return n * 1_000_000 / (size.Dx() * size.Dy())
}

// apart is how far two colours are from each other, where they are furthest.
func apart(a, b color.Color) int {
	p, q := color.NRGBAModel.Convert(a).(color.NRGBA), color.NRGBAModel.Convert(b).(color.NRGBA)
	far := 0
	for _, pair := range [][2]uint8{{p.R, q.R}, {p.G, q.G}, {p.B, q.B}} {
		far = max(far, int(max(pair[0], pair[1]))-int(min(pair[0], pair[1])))
	}
	return far
}

// savePicture writes a picture in few colours, which is small.
func savePicture(t *testing.T, file string, picture image.Image) {
	t.Helper()
	few := image.NewPaletted(picture.Bounds(), commonest(picture, 200))
	draw.Draw(few, few.Bounds(), picture, picture.Bounds().Min, draw.Src)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	best := png.Encoder{CompressionLevel: png.BestCompression}
	if err := best.Encode(f, few); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// commonest gives the colours that a picture has most of, each a little apart from the others.
func commonest(picture image.Image, most int) color.Palette {
	often := map[color.NRGBA]int{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			often[color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)]++
		}
	}
	var chosen color.Palette
	for len(chosen) < most && len(often) > 0 {
		var best color.NRGBA
		for c, n := range often {
			if b := often[best]; n > b || n == b && less(c, best) {
				best = c
			}
		}
		chosen = append(chosen, best)
		for c := range often {
			if apart(c, best) < 6 {
				delete(often, c)
			}
		}
	}
	return chosen
}

// less puts colours into an order, so that the same picture gives the same file.
func less(a, b color.NRGBA) bool {
	return a.R < b.R || a.R == b.R && (a.G < b.G || a.G == b.G && a.B < b.B)
}
