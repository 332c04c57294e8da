//go:build unix

package npmexec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"safepublish/classify/transcript"
)

// What is held back is bounded in memory, passed on byte for byte, and has no
// name that a kill could leave behind.
func TestHeldBackInAFileWithoutAName(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	h := &Held{}
	var want []byte
	random := rand.New(rand.NewPCG(1, 2))
	for len(want) < 5*heldInMemory {
		p := make([]byte, random.IntN(40_000))
		for i := range p {
			p[i] = byte(random.Uint32())
		}
		want = append(want, p...)
		h.add(p)
	}
	if cap(h.memory) > 0 {
		t.Errorf("%d bytes of memory", cap(h.memory))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("a kill would leave %v", left)
	}
	for range 2 { // the second time as the first
		var got bytes.Buffer
		if n, err := h.WriteTo(&got); err != nil || n != int64(len(want)) || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%d of %d bytes came back: %v", n, len(want), err)
		}
	}
	h.Close()
	h.Close()
}

// full fails as a disk that is full, after some bytes.
func full(t *testing.T, bytes uint64) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before) })
}

func TestFullDiskPassesOnWhatItHolds(t *testing.T) {
	full(t, heldInMemory+1000)
	h := &Held{}
	line := bytes.Repeat([]byte("0123456789abcdef"), 64)
	for range 1000 {
		h.add(line)
	}
	var got bytes.Buffer
	n, err := h.WriteTo(&got)
	if !errors.Is(err, syscall.EFBIG) || n < heldInMemory || n > heldInMemory+1000 || !bytes.HasPrefix(bytes.Repeat(line, 1000), got.Bytes()) {
		t.Errorf("%d bytes, %v", n, err)
	}
	h.Close()
}

func TestNoFolderForWhatIsHeldBack(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	h := &Held{}
	h.add(make([]byte, heldInMemory))
	h.add([]byte("more"))
	var got bytes.Buffer
	if n, err := h.WriteTo(&got); err == nil || n != heldInMemory {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// npmDocument is what npm publish --json prints of packages with many files.
func npmDocument(t *testing.T, packages, files int) string {
	t.Helper()
	type file struct {
		Path string `json:"path"`
		Size int    `json:"size"`
		Mode int    `json:"mode"`
	}
	type pack struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Version    string `json:"version"`
		Shasum     string `json:"shasum"`
		Integrity  string `json:"integrity"`
		Files      []file `json:"files"`
		EntryCount int    `json:"entryCount"`
	}
	all := map[string]pack{}
	for i := range packages {
		p := pack{Version: "1.0.0", Shasum: fmt.Sprintf("%040d", i), Integrity: "sha512-x", EntryCount: files, Files: []file{}}
		p.Name = fmt.Sprintf("p%d", i)
		p.ID = p.Name + "@1.0.0"
		for j := range files {
			p.Files = append(p.Files, file{fmt.Sprintf("lib/%06d.js", j), j, 420})
		}
		all[p.Name] = p
	}
	var doc any = all
	if packages == 1 {
		doc = all["p0"]
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// Of a document that is larger than what is kept, every package is read.
func TestLargeDocumentIsRead(t *testing.T) {
	for _, c := range []struct{ packages, files int }{{1, 0}, {1, 20_000}, {40, 2_000}} {
		doc := npmDocument(t, c.packages, c.files)
		for _, chunk := range []int{1, 7, 4096, 32 << 10, len(doc)} {
			if chunk == 1 && c.files > 2000 {
				continue
			}
			got := capture{lists: &listFilter{}}
			got.add([]byte(strings.Repeat("a line of the build\n", 100_000)))
			for part := range slices.Chunk([]byte(doc), chunk) {
				got.add(part)
			}
			text := got.bytes()
			run := transcript.Read(transcript.Input{Stdout: text})
			if len(run.Packages) != c.packages || run.Packages[0].Shasum == "" || run.Last().Version != "1.0.0" {
				t.Errorf("%+v in pieces of %d: %d packages, %+v", c, chunk, len(run.Packages), run.Last())
			}
			if kept := len(text); kept > headBytes+tailBytes {
				t.Errorf("%+v: %d bytes kept", c, kept)
			}
		}
	}
}

// Only lines of npm's form are left out, and nothing behind them.
func TestOnlyListsAreLeftOut(t *testing.T) {
	for text, want := range map[string]string{
		"\"files\": [\n    1\n":                              "\"files\": [\n    1\n", // no indentation
		"  \"files\": [\n    1\n  ],\n  x\n":                 "  \"files\": [\n  ],\n  x\n",
		"  \"files\": [\nbuild\n   1\n":                      "  \"files\": [\nbuild\n   1\n",
		"  \"files\": [\n\n   1\n":                           "  \"files\": [\n\n   1\n",
		"  \"files\": [\n   a very long line of it\n   no e": "  \"files\": [\n",
		"x  \"files\": [\n    1\n":                           "x  \"files\": [\n    1\n",
		"  \"files\": [":                                     "  \"files\": [",
		"  \"files\": [\n  ":                                 "  \"files\": [\n  ",
		"  \"files\": [],\n    1\n":                          "  \"files\": [],\n    1\n",
		"  \"files\": [\n  ]\n    \"files\": [\n     1\n}\n": "  \"files\": [\n  ]\n    \"files\": [\n}\n",
		"no end":                   "no end",
		strings.Repeat("x", 100):   strings.Repeat("x", 100),
		strings.Repeat(" ", 100):   strings.Repeat(" ", 100),
		"\n\n\n":                   "\n\n\n",
		"  \"files\": [\n   1\n\t": "  \"files\": [\n\t",
	} {
		for chunk := 1; chunk <= len(text); chunk++ {
			got := capture{lists: &listFilter{}}
			for part := range slices.Chunk([]byte(text), chunk) {
				got.add(slices.Clone(part))
			}
			if kept := got.bytes(); string(kept) != want {
				t.Errorf("%q in pieces of %d: %q, want %q", text, chunk, kept, want)
			}
		}
	}
}

// With --json 100 MB of a script's output take no more memory than what is kept.
func TestHeldBackOutputIsBounded(t *testing.T) {
	r := quiet(t, fakeNPM(t, `yes '{' | head -c 40000000; echo
printf '{\n  "id": "demo@1.0.0",\n  "name": "demo",\n  "version": "1.0.0",\n  "shasum": "8be1"\n}\n'`))
	result := publish(t, r, Attempt{HoldStdout: true})
	if result.Last().Name != "demo" || result.Last().Shasum != "8be1" {
		t.Errorf("%+v", result.Packages)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if n, err := result.Stdout.WriteTo(out); err != nil || n < 40_000_000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if kept := cap(result.Stdout.memory); kept > 0 {
		t.Errorf("%d bytes are in memory", kept)
	}
	result.Stdout.Close()
}
