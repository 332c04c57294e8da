package transcript

import (
	"io"
	"strings"
	"testing"
)

func sifted(t *testing.T, log io.Reader) string {
	t.Helper()
	var b strings.Builder
	if err := Sift(log, func(line []byte) { b.Write(line) }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSiftKeepsWhatNPMSaysOfAPublish(t *testing.T) {
	const kept = "0 verbose cli node npm\n1 info using npm@11.19.1\n7 verbose title npm publish\n8 verbose argv \"publish\"\n" +
		"9 silly oidc no token\n" +
		"10 warn publish x\n11 notice 📦  demo@1.0.0\n11 notice name: demo\n" +
		"11 notice package size: 1.2 kB\n12 http fetch GET 404 https://r.example/demo 3ms\n" +
		"13 http fetch PUT 403 https://r.example/demo 3ms\n14 error code E403\n14 error silly things\n15 verbose exit 1\nno line of npm's\n"
	const idle = "2 silly config load\n3 timing npm:load Completed in 3ms\n" +
		"4 http fetch GET 200 https://r.example/a 3ms\n5 http cache https://r.example/a 3ms\n" +
		"11 notice 1.2kB a.js\n11 notice 19B  b.js\n"
	if got := sifted(t, strings.NewReader(idle+kept+idle)); got != kept {
		t.Errorf("kept\n%s\nwant\n%s", got, kept)
	}
}

// endless is a log of one line without an end in sight.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range n {
		p[i] = 'x'
	}
	e.left -= n
	return n, nil
}

func TestSiftCutsALongLine(t *testing.T) {
	lines := 0
	log := io.MultiReader(strings.NewReader("14 error code "), &endless{100 << 20},
		strings.NewReader("\n14 error end\n8 silly "), &endless{1 << 20}, strings.NewReader("\n15 verbose exit 1\n"))
	got := sifted(t, log)
	for line := range strings.Lines(got) {
		if lines++; len(line) > longLine+1 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if lines != 3 || !strings.HasSuffix(got, "x\n14 error end\n15 verbose exit 1\n") {
		t.Errorf("%d lines, …%q", lines, got[len(got)-40:])
	}
}
