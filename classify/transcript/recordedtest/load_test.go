package recordedtest_test

import (
	"testing"

	"safepublish/classify/transcript/recordedtest"
)

func TestLoad(t *testing.T) {
	runs, err := recordedtest.Load("../../../testdata/transcripts")
	if err != nil {
		t.Fatal(err)
	}
	npms := map[string]int{}
	for _, r := range runs {
		npms[r.NPM]++
		if r.On == "pty" && r.Stdout != nil || r.On == "pipes" && r.Screen != nil {
			t.Errorf("%s has the streams of another kind of run", r.Name())
		}
	}
	if len(npms) != 5 || len(runs) < 1600 {
		t.Errorf("loaded %d runs of npm %v", len(runs), npms)
	}
}

func TestDecode(t *testing.T) {
	const in = `\e[1mnpm\r\r` + "\n" + `a\\e \x9b\x2d- x --\` + "\n"
	const want = "\x1b[1mnpm\r\r\n" + `a\e ` + "\u009b-- x --"
	if got := string(recordedtest.Decode([]byte(in))); got != want {
		t.Errorf("Decode(%q) = %q, want %q", in, got, want)
	}
}
