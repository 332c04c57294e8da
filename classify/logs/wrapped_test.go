package logs_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"safepublish/classify"
	"safepublish/classify/logs"
	"safepublish/classify/transcript"
	"safepublish/classify/transcript/recordedtest"
)

// explained is what explain says of one failed publish.
type explained struct {
	cause, release string
	sure           bool
}

func explain(t testing.TB, text []byte) []explained {
	t.Helper()
	return new(explainer).explain(t, text)
}

// explainer explains texts that are much the same. What was read is diagnosed once: a
// diagnosis comes of nothing else, and takes three times as long as the reading.
type explainer struct {
	read [][]transcript.Transcript
	said [][]explained
}

func (e *explainer) explain(t testing.TB, text []byte) []explained {
	t.Helper()
	log, err := logs.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	known := slices.IndexFunc(e.read, func(failed []transcript.Transcript) bool { return reflect.DeepEqual(failed, log.Failed) })
	if known >= 0 {
		return e.said[known]
	}
	var all []explained
	for _, x := range log.Failed {
		c := &classify.Case{Transcript: x}
		if d, failed := classify.Diagnose(c); failed {
			all = append(all, explained{d.Cause.ID, strings.TrimSpace(c.Name() + " " + c.Version()), d.Sure})
		}
	}
	e.read, e.said = append(e.read, log.Failed), append(e.said, all)
	return all
}

var load = sync.OnceValues(func() ([]recordedtest.Run, error) { return recordedtest.Load("../../testdata/transcripts") })

func runs(t testing.TB) []recordedtest.Run {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// some returns of every case the run of the oldest npm and of one on a terminal:
// all of them would take a minute. With -short it returns each eighth of these.
func some(t testing.TB) []recordedtest.Run {
	t.Helper()
	var out []recordedtest.Run
	seen := map[string]bool{}
	for _, r := range runs(t) {
		if key := r.Case + r.On + r.NPM[:1]; r.NPM != "8.19.4" && r.NPM != "10.9.0" && !seen[key] && (r.On == "pty") == (r.NPM == "11.19.1") {
			seen[key] = true
			out = append(out, r)
		}
	}
	if !testing.Short() {
		return out
	}
	var few []recordedtest.Run
	for i := 0; i < len(out); i += 8 {
		few = append(few, out[i])
	}
	return few
}

func lines(b []byte, wrap func(i int, line string) string) []byte {
	var out strings.Builder
	i := 0
	for l := range strings.Lines(string(b)) {
		out.WriteString(wrap(i, strings.TrimRight(l, "\r\n")) + "\n")
		i++
	}
	return []byte(out.String())
}

func before(prefix string) func([]byte) []byte {
	return func(b []byte) []byte {
		return lines(b, func(_ int, l string) string { return prefix + l })
	}
}

func inUTF16(b []byte, order binary.AppendByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(string(b))) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func fold(width int) func([]byte) []byte {
	return func(b []byte) []byte {
		return lines(b, func(_ int, l string) string {
			r := []rune(l)
			var parts []string
			for len(r) > width {
				parts, r = append(parts, string(r[:width])), r[width:]
			}
			return strings.Join(append(parts, string(r)), "\n")
		})
	}
}

// same are the wrappings that change nothing: what is proven stays proven.
var same = map[string]func([]byte) []byte{
	"CRLF":                    func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
	"UTF-8 with mark":         func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) },
	"UTF-16, little":          func(b []byte) []byte { return inUTF16(b, binary.LittleEndian, true) },
	"UTF-16, big":             func(b []byte) []byte { return inUTF16(b, binary.BigEndian, true) },
	"UTF-16, little, no mark": func(b []byte) []byte { return inUTF16(b, binary.LittleEndian, false) },
	"UTF-16, big, no mark":    func(b []byte) []byte { return inUTF16(b, binary.BigEndian, false) },
	"GitHub's times": func(b []byte) []byte {
		return lines(b, func(i int, l string) string { return fmt.Sprintf("2026-11-23T16:02:06.36612%02dZ %s", i%100, l) })
	},
	"GitLab's times":   before("2026-11-23T16:02:06.366123Z 01O "),
	"time in brackets": before("[2026-11-23T16:02:06+01:00] "),
	"gh run view":      before("publish\tRun npm publish\t2026-11-23T16:02:06.3661234Z "),
}

// wrappers are the wrappings in which a part may be lost.
var wrappers = map[string]func([]byte) []byte{
	"blanks that do not break": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(" "), []byte("\u00a0")) },
	"colours": func(b []byte) []byte {
		return lines(b, func(_ int, l string) string {
			head, rest, _ := strings.Cut(l, " ")
			return "\x1b[31m" + head + "\x1b[0m \x1b[1;35m" + rest + "\x1b[0m"
		})
	},
	"turbo":               before("@acme/web:publish: "),
	"docker compose":      before("release-1  | "),
	"##[error]":           before("2026-11-23T16:02:06.3661234Z ##[error]"),
	"changesets":          before("🦋  error "),
	"semantic-release":    before("[4:02:06 PM] [semantic-release] [@semantic-release/npm] › ✘  "),
	"markdown quote":      before("> "),
	"pnpm -r":             before("packages/web publish: "),
	"folded at 80":        fold(80),
	"folded at 120":       fold(120),
	"a node error object": asError,
}

// asError prints the text as node prints the error of a program that ran npm.
func asError(b []byte) []byte {
	var out strings.Builder
	out.WriteString("Error: Command failed with exit code 1: npm publish\n" +
		"    at makeError (/w/node_modules/execa/lib/error.js:60:11) {\n  exitCode: 1,\n  stderr: ")
	for l := range strings.Lines(string(b)) {
		l = strings.NewReplacer(`\`, `\\`, "'", `\'`, "\x1b", `\x1B`, "\b", `\b`, "\a", `\x07`).Replace(strings.TrimRight(l, "\r\n"))
		out.WriteString("'" + strings.ReplaceAll(l, "\r", `\r`) + "\\n' +\n    ")
	}
	out.WriteString("'',\n  failed: true\n}\n")
	return []byte(out.String())
}

// texts are the ways in which a person saves a run.
func texts(r recordedtest.Run) map[string][]byte {
	return map[string][]byte{"log": r.Log, "screen": r.Screen, "stderr": r.Stderr}
}

// TestWrappingChangesNothing: a time before each line, another encoding or other line
// ends leave the same diagnosis.
func TestWrappingChangesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range some(t) {
		for kind, text := range texts(r) {
			if len(text) == 0 || r.NPM[:2] == "6." {
				continue
			}
			e := new(explainer)
			want := e.explain(t, text)
			for wrap, f := range same {
				if got := e.explain(t, f(text)); !slices.Equal(got, want) {
					t.Errorf("%s %s as %s: %v, want %v", r.Name(), kind, wrap, got, want)
				}
			}
		}
	}
}

// TestWrappersNeverMislead: in any wrapper the same cause is found, or none that
// claims to be known; never another one.
func TestWrappersNeverMislead(t *testing.T) {
	t.Parallel()
	lost, all := map[string]int{}, 0
	for _, r := range some(t) {
		for kind, text := range texts(r) {
			if len(text) == 0 || kind == "screen" { // what draws on a terminal has nothing before its lines
				continue
			}
			e := new(explainer)
			plain, typed := e.explain(t, text), e.explain(t, append([]byte("$ npm publish\n"), text...))
			all++
			for name, f := range wrappers {
				want := plain
				if name == "a node error object" { // it names the command
					want = typed
				}
				if kind == "log" && !strings.HasPrefix(name, "folded") && name != "##[error]" {
					continue // nobody prints a debug log through these
				}
				if strings.HasPrefix(name, "folded") && bytes.ContainsRune(text, 0x1b) {
					continue // a terminal folds what it draws, not its escapes
				}
				got := e.explain(t, f(text))
				switch {
				case name == "a node error object" && len(want) == 0 && len(got) == 1 && got[0].cause == "unknown": // it says that npm publish failed
				case slices.EqualFunc(got, want, func(a, b explained) bool { return a.cause == b.cause }):
				case len(got) == 0 || len(got) == 1 && !got[0].sure && honest(got[0].cause):
					lost[name]++
					t.Logf("%s in %s: %v, want %v", r.Name(), name, got, want)
				default:
					t.Errorf("%s %s in %s: %v, want %v", r.Name(), kind, name, got, want)
				}
			}
		}
	}
	for name, n := range lost {
		t.Logf("%s: %d of %d texts end as unknown or none", name, n, all)
		if n*20 > all {
			t.Errorf("%s: %d of %d texts end as unknown or none", name, n, all)
		}
	}
}

func honest(cause string) bool {
	return cause == "unknown" || cause == "refused" || strings.HasSuffix(cause, "-unexplained")
}

// TestOneFailureIsToldOnce: a CI log often shows npm's lines and its debug log behind
// them.
func TestOneFailureIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, r := range some(t) {
		if r.Log == nil || r.Stderr == nil || r.Case == "logs_max_0" { // npm 6's log is that of another failure there
			continue
		}
		want := explain(t, r.Log)
		got := explain(t, slices.Concat([]byte("$ npm publish\n"), r.Stdout, r.Stderr, []byte("\n$ cat ~/.npm/_logs/*\n"), r.Log))
		if !slices.EqualFunc(got, want, func(a, b explained) bool { return a.cause == b.cause && a.release == b.release }) {
			t.Errorf("%s: %v, want %v", r.Name(), got, want)
		}
	}
}
