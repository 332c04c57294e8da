package logs_test

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"safepublish/classify/logs"
)

// build is the output of a build that never seems to end, and takes note of how much
// memory is in use while it is read.
type build struct {
	left, line int
	most       uint64
	rest       string
}

func (b *build) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, io.EOF
	}
	if b.rest == "" {
		b.line++
		b.rest = fmt.Sprintf("2026-11-23T16:02:06.1234567Z [%d/99999] src/module-%d.ts: warning in npm run build: error TS2345\n", b.line, b.line)
		if b.line%10000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.most = max(b.most, m.HeapAlloc)
		}
	}
	n := copy(p, b.rest)
	b.rest, b.left = b.rest[n:], b.left-n
	return n, nil
}

// TestMemoryIsBounded: what stands around the ten lines that matter costs time alone.
func TestMemoryIsBounded(t *testing.T) {
	const failure = "npm error code E402\n" +
		"npm error 402 Payment Required - PUT https://npmjs.org/@acme%2fwidget - You must sign up for private packages\n"
	before, after := &build{left: 5 << 20}, &build{left: 5 << 20}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	log, err := logs.Read(io.MultiReader(before, strings.NewReader("\n"+failure), after))
	if err != nil || len(log.Failed) != 1 || log.Failed[0].Last().Name != "@acme/widget" {
		t.Fatalf("%v, %v", log.Failed, err)
	}
	if most := max(before.most, after.most); most > m.HeapAlloc+16<<20 {
		t.Errorf("%d MB were in use", (most-m.HeapAlloc)>>20)
	}
}

// TestErrorsOfALogAreBounded: a debug log that is nothing but errors is no longer
// than what is kept of one.
func TestErrorsOfALogAreBounded(t *testing.T) {
	const begins = "0 verbose cli node npm\n1 info using npm@11.19.1\n7 verbose title npm publish\n36 error code E403\n"
	line := "36 error 403 403 Forbidden - PUT https://registry.example/demo - " + strings.Repeat("no ", 1000) + "\n"
	lines := 0
	log, err := logs.Read(io.MultiReader(strings.NewReader(begins), strings.NewReader(strings.Repeat(line, 2000)),
		strings.NewReader("38 verbose exit 1\n")))
	if err != nil || len(log.Failed) != 1 || log.Failed[0].Code != "E403" || log.Failed[0].Exit != 1 {
		t.Fatalf("%+v, %v", log.Failed, err)
	}
	for _, l := range log.Failed[0].Message {
		lines += len(l.Text)
	}
	if lines > 2<<20 {
		t.Errorf("%d bytes of errors are kept", lines)
	}
}

// TestFloodHidesNothing: a failure between a million lines that look like it is found,
// for its code, its status and its address are its own.
func TestFloodHidesNothing(t *testing.T) {
	for name, flood := range map[string]string{
		"errors":   "npm error something went wrong with module %d, and this is the text of it\n",
		"codes":    "npm error code E404\nnpm error 404 Not Found - GET https://registry.example/thing-%d - Not found\n",
		"commands": "Unknown command: \"x%d\"\n",
		"npm runs": "npm error code ELIFECYCLE\nnpm error lifecycle script `build-%d` failed with error:\n",
	} {
		var text strings.Builder
		for i := range 40000 {
			if i == 30000 {
				text.WriteString("$ npm publish\nnpm error code E402\n" +
					"npm error 402 Payment Required - PUT https://npmjs.org/@acme%2fwidget - You must sign up for private packages\n$ npm ci\n")
			}
			fmt.Fprintf(&text, flood, i)
		}
		if got := explain(t, []byte(text.String())); len(got) != 1 || got[0].cause != "payment-required" || got[0].release != "@acme/widget" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// capitals is a word of capitals and signs, another one for each number.
func capitals(i int) string {
	var b []byte
	for n := i*7919 + 1000003; n > 0; n /= 31 {
		b = append(b, "ABCDEFGHIJKLMNOPQRSTUVWXYZ#!=:_"[n%31])
	}
	return string(b)
}

// TestFloodOfShapes: lines that all differ in capitals and signs are as bounded as others,
// and hide no failure that is not told in their own words.
func TestFloodOfShapes(t *testing.T) {
	for _, flood := range []string{
		"npm error something went wrong with %s, and this is the text of it\n", "npm http fetch GET 200 https://registry.example/%s\n",
		"%s: http error\n", "code E%s\n",
	} {
		var text strings.Builder
		for i := range 30000 {
			if i == 25000 {
				text.WriteString("$ npm publish\nnpm error code E402\n" +
					"npm error 402 Payment Required - PUT https://npmjs.org/@acme%2fwidget - You must sign up for private packages\n$ npm ci\n")
			}
			text.WriteString(strings.Replace(flood, "%s", capitals(i), 1))
		}
		if got := explain(t, []byte(text.String())); len(got) != 1 || got[0].cause != "payment-required" || got[0].release != "@acme/widget" {
			t.Errorf("%s: %v", flood, got)
		}
	}
}

// TestFloodHidesNoPackage: what one more package was told is read, however many were told
// the same before.
func TestFloodHidesNoPackage(t *testing.T) {
	const failure = "$ npm publish\nnpm error code E402\n" +
		"npm error 402 Payment Required - PUT https://npmjs.org/oak-last - You must sign up for private packages\n"
	for name, done := range map[string]string{
		"npm": "+ %s@1.0.0\n", "lerna": "lerna success published %s 1.0.0\n", "changesets": "🦋  New tag:  %s@1.0.0\n",
	} {
		var all strings.Builder
		for i := range 6000 {
			fmt.Fprintf(&all, done, "oak-"+letters(i))
		}
		same := strings.Repeat(fmt.Sprintf(done, "oak"), 30000)
		for kind, flood := range map[string]string{"many": all.String(), "one": same} {
			if got := explain(t, []byte(failure+flood)); len(got) != 1 {
				t.Errorf("%s, %s: %v", name, kind, got)
			}
			if got := explain(t, []byte(failure+flood+fmt.Sprintf(done, "oak-last"))); len(got) != 0 {
				t.Errorf("%s, %s, published at last: %v", name, kind, got)
			}
		}
	}
}

func letters(i int) string {
	var b []byte
	for ; i > 0; i /= 26 {
		b = append(b, byte('a'+i%26))
	}
	return "x" + string(b)
}

// BenchmarkRead reads lines of which a log may have a million; 100 MB of any of them
// shall take no more than 1.5 s.
func BenchmarkRead(b *testing.B) {
	for name, line := range map[string]string{
		"a build":       "[%d/99999] src/module.ts: warning in npm run build: error TS2345\n",
		"with times":    "2026-11-23T16:02:06.1234567Z [%d/99999] src/module.ts: compiled\n",
		"npm warn":      "npm warn deprecated thing-%d@1.0.0: this version is no longer supported, upgrade\n",
		"npm error":     "npm error something went wrong with module %d, and this is the text of it\n",
		"refusals":      "npm error 403 403 Forbidden - PUT https://npmjs.org/demo - You cannot publish over the version 1.0.%d.\n",
		"npm's log":     "%d silly placeDep ROOT foo@1.0.0 OK for: bar@1.0.0 want: ^1.0.0\n",
		"in colour":     "\x1b[31mnpm\x1b[0m \x1b[1;35mwarn\x1b[0m deprecated thing-%d@1.0.0: this version is no longer supported\n",
		"all differ":    "npm error something went wrong with module %d, and this is the text of it\n",
		"another's log": "🦋  info Publishing \"widget-%d\" at \"1.0.0\"\n",
	} {
		var text strings.Builder
		for i := 0; text.Len() < 4<<20; i++ {
			s := fmt.Sprintf(line, i)
			if name == "all differ" {
				s = strings.Replace(s, strconv.Itoa(i), capitals(i), 1)
			}
			text.WriteString(s)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				if _, err := logs.Read(strings.NewReader(text.String())); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
