package transcript_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"safepublish/classify/transcript"
)

func TestReplay(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"plain", "a\nb\r\n\nc", []string{"a", "b", "", "c"}},
		{"colour", "\x1b[1mnpm\x1b[22m \x1b[31merror\x1b[39m code E403\r\n", []string{"npm error code E403"}},
		{"spinner of npm 12", "⠙\x1b[1G\x1b[0Knpm notice\n⠹\x1b[1G\x1b[0K", []string{"npm notice"}},
		{"spinner left over", "⠙⠹npm error x", []string{"npm error x"}},
		{
			"gauge of npm 6", "\x1b[?25l[\x1b[90m....\x1b[0m] | : \x1b[34;40mnotice\x1b[0m\x1b[K\r\r\x1b[K\x1b[?25hnpm ERR! x\n",
			[]string{"npm ERR! x"},
		},
		{"question", "\x1b[1G\x1b[0JThis operation\r\nEnter OTP: \x1b[12G123456\r\r\n", []string{"This operation", "Enter OTP: 123456"}},
		{"overwritten", "12345\rab\b\bx\n", []string{"xb345"}},
		{"cursor", "abc\x1b[2Dx\x1b[Cy\x1b[99Dz\x1b[900Ge\n", []string{"zxcye"}},
		{"erased", "abc\x1b[2K\x1b[1Kd\ne\x1b[2Jf\n", []string{"d", "f"}},
		{"title", "\x1b]0;title\aa\x1b]8;;http://x\x1b\\b\x1bPq#0\x1b\\c\x1b(Bd\x1b=e\n", []string{"abcde"}},
		{"title left open", "a\x1b]0;title\nb\n", []string{"a", "b"}},
		{"8-bit", "a\u009b31mb\u009dtitle\ac\u0085d\n", []string{"abcd"}},
		{"cut off", "a\x1b[3", []string{"a"}},
		{"not UTF-8", "a\xffb\n", []string{"a\ufffdb"}},
		{"tab", "a\tb\x00\x7f\n", []string{"a\tb"}},
	} {
		if got := transcript.Replay([]byte(tt.in)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: Replay(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// The worst of each kind must not take more than time linear in its length: a
// build may print a hundred megabytes.
func TestReplayIsLinear(t *testing.T) {
	for _, unit := range []string{
		"⠙\x1b[1G\x1b[0K", "\x1b[16000Gx\x1b[1G\x1b[K", "x", "x\x1b[1K", "\x1b]0;", "\x1b[999999999C", "\x1b",
		"x\r",
	} {
		in := []byte(strings.Repeat(unit, 1<<21/len(unit)))
		start := time.Now()
		lines := transcript.Replay(in)
		if took := time.Since(start); took > 10*time.Second || len(strings.Join(lines, "")) > 1<<16 {
			t.Errorf("2 MB of %q took %v and gave %d lines", unit, took, len(lines))
		}
	}
}

func FuzzReplay(f *testing.F) {
	for _, name := range []string{
		"eotp_web_enter/12.2.0/pty", "eotp_classic_letters/6.14.18/pty", "e403_multiline/8.19.4/pty",
		"prepublishOnly_fails/10.9.0/pty",
	} {
		f.Add(find(f, name).Screen)
	}
	f.Add([]byte("a\x1b]0;x\ny\x1b[2K\u009b3G⠙ \b\r\n\x1b"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines := transcript.Replay(raw)
		for _, l := range lines {
			if i := strings.IndexFunc(l, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }); i >= 0 {
				t.Fatalf("control character in %q", l)
			}
		}
		var again strings.Builder
		for _, l := range lines {
			again.WriteString(l + "\n")
		}
		if got := transcript.Replay([]byte(again.String())); !slices.Equal(got, lines) {
			t.Fatalf("%q replayed again is %q", lines, got)
		}
		if len(again.String()) > 3*len(raw)+1 { // one bad byte becomes U+FFFD
			t.Fatalf("%d bytes became %d", len(raw), again.Len())
		}
	})
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb é 📦":                "a\tb é 📦",
		"a\x1b[31mb\a\x7f\n":      "a^[[31mb^G^?^J",
		"\u009b31m":               `\u009b31m`,
		"user\u202egnp.exe\u2066": `user\u202egnp.exe\u2066`,
		"a\u200bb\ufeff":          `a\u200bb\ufeff`,
		"x\U000e0041":             `x\U000e0041`,
	} {
		if got := transcript.Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
		if got := transcript.Visible(want); got != want {
			t.Errorf("Visible(%q) again = %q", want, got)
		}
	}
}
