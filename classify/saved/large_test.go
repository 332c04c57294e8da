package saved_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"safepublish/classify/saved"
	"safepublish/classify/transcript/recorded"
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
	const failure = "npm error code E402\nnpm error 402 Payment Required - PUT https://npmjs.org/@acme%2fwidget - You must sign up for private packages\n"
	before, after := &build{left: recorded.Fewer(5 << 20)}, &build{left: recorded.Fewer(5 << 20)}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	log, err := saved.Read(io.MultiReader(before, strings.NewReader("\n"+failure), after))
	if err != nil || len(log.Failed) != 1 || log.Failed[0].Last().Name != "@acme/widget" {
		t.Fatalf("%v, %v", log.Failed, err)
	}
	if most := max(before.most, after.most); most > m.HeapAlloc+16<<20 {
		t.Errorf("%d MB were in use", (most-m.HeapAlloc)>>20)
	}
}
