package prompts

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	up   = "\x1b[A"
	down = "\x1b[B"
)

// silence is a step in which nothing comes for as long as the menu waits.
const silence = ""

// played returns what a menu does with these reads, up to what ends it. The menu has
// stood there for a while.
func played(reads ...string) (acts []act, hint string) {
	return playedOn(&menuKeys{}, reads...)
}

func playedOn(m *menuKeys, reads ...string) (acts []act, hint string) {
	m.updateHint()
	for _, read := range reads {
		step := m.quiet
		if read != silence {
			step = func() []act { return m.press([]byte(read)) }
		} else if m.patience() < 0 {
			continue
		}
		for _, a := range step() {
			acts = append(acts, a)
			if a == choose || a == giveUp || a == stop {
				return acts, m.hint
			}
		}
	}
	return acts, m.hint
}

func TestEachKeyOfAMenu(t *testing.T) {
	means := map[string]act{
		"\r": choose, "\n": choose, "q": giveUp, "\x1b": giveUp, "\x1b\x1b": giveUp, "\x1a": stop,
		"\x03": giveUp, "\x04": giveUp, "\x1b\x03": giveUp, "\x1b[1\x04": giveUp,
		up: moveUp, down: moveDown, "\x1bOA": moveUp, "\x1bOB": moveDown,
	}
	for key, want := range means {
		if got, hint := played(key, silence); !reflect.DeepEqual(got, []act{want}) || hint != MenuKeys {
			t.Errorf("%q: %v, %s", key, got, hint)
		}
	}
	others := []string{
		"\x1b[1~", "\x1b[H", "\x1b[4~", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[2~", "\x1b[3~", "\x1b[Z", "\x1bOP", "\x1b[15~", "\x1b[[A",
		"\x1b[C", "\x1b[D", "\x1b[1;5A", "\x1b[1;2B", "\x1bO5A", "\x1b[a", "\x1b\x1b[A",
		"\x1bx", "\x1bq", "\x1b\r", "\x1b\x7f", "\x1bO", "\x1b[",
		"\x1b[1", "\x1b[1;1R", "\x1b[I", "\x1b[O", "\x1b[201~", "\x1b[200", "\x1b[?1;2c",
		"\x1b[<0;10;10M", "\x1b[<0;10;10m", "\x1b[M qq", "\x1b[M !\"", "\x1b[M\x20",
		"\x1b]11;rgb:0/0/0\a", "\x1bP1$r0q\x1b\\", "\x9bA", "é", "日", "🙂",
		"no", "quit", "qq", "git log", "y\r", "\r\r", "\r\n", "\n\n",
		"\r" + up, up + "\r\r", up + "x", "x" + up, "x" + up + "\r", up + "q\r", "q" + down + "\r",
	}
	for b := range 256 {
		key := string([]byte{byte(b)})
		if _, known := means[key]; !known {
			others = append(others, key)
		}
	}
	for _, key := range others {
		got, hint := played(key, silence)
		for _, a := range got {
			if a == choose || a == giveUp || a == stop {
				t.Errorf("%q: %v", key, got)
			}
		}
		if hint != EnterIsOff {
			t.Errorf("%q leaves Enter on", key)
		}
		if got, hint := played(key, silence, "\r", silence, "\n", silence); hint != EnterIsOff || ends(got) {
			t.Errorf("%q, Enter: %v, %s", key, got, hint)
		}
		if got, _ := played(key, silence, "\r", silence, down, silence, "\r", silence); got[len(got)-1] != choose {
			t.Errorf("%q, Enter, an arrow, Enter: %v", key, got)
		}
		for _, end := range []string{"\x1b", "q", "\x03", "\x04"} {
			if got, _ := played(key, silence, end, silence); got[len(got)-1] != giveUp {
				t.Errorf("%q, %q: %v", key, end, got)
			}
		}
	}
	t.Logf("%d keys and words that turn Enter off", len(others))
}

func ends(acts []act) bool {
	for _, a := range acts {
		if a == choose || a == giveUp || a == stop {
			return true
		}
	}
	return false
}

// Whatever a paste holds, and however it is cut into reads, nothing in it acts.
func TestPasteActsNever(t *testing.T) {
	const begin, end = "\x1b[200~", "\x1b[201~"
	for _, held := range []string{
		"", "\r", "\n\n", "no\n", "quit", "q", up, down + "\r", "\x1b", "\x03", "\x04", "\x1a",
		begin, "\x1b[201", "1\r" + strings.Repeat("x", 9000),
	} {
		whole := begin + held + end
		for cut := range min(len(whole), 30) {
			got, hint := played(whole[:cut], whole[cut:], silence)
			if ends(got) || hint != EnterIsOff {
				t.Errorf("%q, cut at %d: %v, %s", held, cut, got, hint)
			}
			if got, _ := played(whole[:cut], whole[cut:]+"\x03"); said(got) != "giveUp" {
				t.Errorf("%q and ^C, cut at %d: %v", held, cut, got)
			}
			if got, _ := played(whole[:cut], whole[cut:], "\r", silence, "\r", silence); ends(got) {
				t.Errorf("%q and Enter, cut at %d: %v", held, cut, got)
			}
		}
		if got, _ := played(begin+held, silence, "\r", silence, "\x03"); got[len(got)-1] != giveUp || len(got) > 2 {
			t.Errorf("%q without an end, Enter, ^C: %v", held, got)
		}
	}
}

// One read or many: only silence makes keys apart.
func TestKeysInPieces(t *testing.T) {
	for _, keys := range []string{down, "\x1bOA", down + down + "\r", up + "q", "\x1b[1;5A", "\x1b[M !!", "git log\r", down + "\x1b[3~\r", "\x1b[200~a\r\x1b[201~\r"} {
		whole, hint := played(keys, silence)
		var bytes []string
		for _, b := range []byte(keys) {
			bytes = append(bytes, string([]byte{b}))
		}
		got, says := played(append(bytes, silence)...)
		isRedraw := func(a act) bool { return a == redraw }
		if got, whole := slices.DeleteFunc(got, isRedraw), slices.DeleteFunc(whole, isRedraw); !slices.Equal(got, whole) || says != hint {
			t.Errorf("%q: %v, %s; byte by byte %v, %s", keys, whole, hint, got, says)
		}
	}
}

// The first moment of a menu: a key held down, pressed again and again, or typed
// blindly chooses nothing; arrows move, and Esc is Esc.
func TestFirstMomentOfAMenu(t *testing.T) {
	for _, c := range []struct {
		reads []string
		want  string
		hint  string
	}{
		{nil, "", ""},
		{[]string{silence}, "redraw", MenuKeys},
		{[]string{silence, "\r", silence}, "redraw choose", MenuKeys},
		{[]string{"\r", silence}, "redraw", EnterIsOff},
		{[]string{"\r", silence, silence, "\r", silence}, "redraw", EnterIsOff},
		{[]string{"\r", "\r", "\r", "\r", silence, silence, "\r", silence}, "redraw", EnterIsOff},
		{[]string{down, silence, "\r", silence}, "down redraw", EnterIsOff},
		{[]string{down + "\r", silence, silence, "\r", silence}, "down redraw", EnterIsOff},
		{[]string{down, silence, silence, "\r", silence}, "down redraw choose", MenuKeys},
		{[]string{"og\r", silence, silence, "\r", silence}, "redraw", EnterIsOff},
		{[]string{"\x1b", silence}, "giveUp", ""},
		{[]string{"q", silence}, "giveUp", ""},
		{[]string{"\x03"}, "giveUp", ""},
	} {
		got, hint := playedOn(&menuKeys{fresh: true}, c.reads...)
		if said := said(got); said != c.want || hint != c.hint {
			t.Errorf("%q: %s, %q; want %s, %q", c.reads, said, hint, c.want, c.hint)
		}
	}
}

func said(acts []act) string {
	names := map[act]string{moveUp: "up", moveDown: "down", choose: "choose", giveUp: "giveUp", stop: "stop", redraw: "redraw"}
	var all []string
	for _, a := range acts {
		all = append(all, names[a])
	}
	return strings.Join(all, " ")
}

// Every sequence of keys and silences, judged by a model that reads whole gusts (what
// comes between two silences) where the menu reads bytes.
func TestEverySequenceOfKeys(t *testing.T) {
	alphabet := map[byte]string{'d': down, 'e': "\r", 'x': "x", 'q': "q", 'z': "\x1a", 'c': "\x03", 'p': "\x1b[200~\rq" + down + "\x1b[201~", '.': silence}
	ended := map[string]int{}
	var walk func(sequence string, reads []string)
	walk = func(sequence string, reads []string) {
		if len(sequence) < 6 {
			for b, read := range alphabet {
				walk(sequence+string(b), append(slices.Clone(reads), read))
			}
			return
		}
		for _, fresh := range []bool{false, true} {
			got := ""
			if acts, _ := playedOn(&menuKeys{fresh: fresh}, reads...); ends(acts) {
				got = said(acts[len(acts)-1:])
			}
			want := model(sequence, fresh)
			if got != want {
				t.Fatalf("%s, fresh %v: %q, want %q", sequence, fresh, got, want)
			}
			ended[want]++
		}
	}
	walk("", nil)
	t.Log(fmt.Sprint(ended))
	if len(ended) != 4 {
		t.Errorf("not every end was reached: %v", ended)
	}
}

var counts = regexp.MustCompile(`^d*[eqz]?$`)

func model(sequence string, fresh bool) string {
	off := false
	gusts := strings.Split(sequence, ".")
	for i, gust := range gusts {
		switch last := gust[max(0, len(gust)-1):]; {
		case strings.Contains(gust, "c"):
			return "giveUp"
		case i == len(gusts)-1: // no silence behind it: nothing else of it counts
			return ""
		case gust == "":
			fresh = false
		case !counts.MatchString(gust):
			off = true
		case last == "q":
			return "giveUp"
		case last == "z":
			return "stop"
		case last == "e" && (fresh || off && gust == "e"):
			off = true
		case last == "e":
			return "choose"
		default:
			off = false
		}
	}
	return ""
}

// A slow line may bring the bytes of one key apart; a person's keys come further apart.
func TestKeyInPiecesOverASlowLine(t *testing.T) {
	const slow = 300 * time.Millisecond
	at := func(pieces ...string) (acts []act) {
		m := &menuKeys{}
		for _, piece := range append(pieces, silence) {
			if wait := m.patience(); wait >= 0 && (wait < slow || piece == silence) {
				acts = append(acts, m.quiet()...)
			}
			acts = append(acts, m.press([]byte(piece))...)
		}
		return acts
	}
	for _, c := range []struct {
		pieces []string
		want   string
	}{
		{[]string{"\x1b", "[B"}, "down"},
		{[]string{"\x1b", "[", "B"}, "down"},
		{[]string{"\x1bO", "A"}, "up"},
		{[]string{"\x1b[", "B", "\r"}, "down choose"},
		{[]string{"\x1b"}, "giveUp"},
		{[]string{"\x1b[1;", "5A", "\r"}, "redraw"}, // Enter is off
		{[]string{"x", "\r"}, "redraw"},
		{[]string{"\x1b", "x"}, "redraw"},
	} {
		if got := said(at(c.pieces...)); got != c.want {
			t.Errorf("%q: %s, want %s", c.pieces, got, c.want)
		}
	}
}
