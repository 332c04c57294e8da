//go:build unix

package npmexec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

// chatter is what npm logs of a large tree, and of a package of many files.
func chatter(from, lines int) string {
	var b strings.Builder
	for n := from; n < from+lines; n++ {
		switch n % 4 {
		case 0:
			fmt.Fprintf(&b, "%d silly placeDep node_modules/a%d a@1.0.0 OK for: demo@1.0.0 want: ^1.0.0\n", n, n)
		case 1:
			fmt.Fprintf(&b, "%d http fetch GET 200 https://registry.example/a%d 12ms (cache hit)\n", n, n)
		case 2:
			fmt.Fprintf(&b, "%d notice 1.2kB lib/a%d.js\n", n, n)
		default:
			fmt.Fprintf(&b, "%d timing reify:a%d Completed in 3ms\n", n, n)
		}
	}
	return b.String()
}

const (
	logBegins = "0 verbose cli node npm\n1 info using npm@11.19.1\n2 verbose title npm publish\n"
	logPacks  = "3 notice 📦  demo@1.0.0\n3 notice Tarball Contents\n"
	logSends  = "notice Tarball Details\n%[1]d notice name: demo\n%[1]d notice version: 1.0.0\n" +
		"%[1]d notice shasum: 8be1c0e4a3f2d1b0a9c8e7f6d5c4b3a291807f6e\n%[1]d notice total files: 3\n" +
		"%[1]d notice Publishing to https://registry.example/ with tag latest and default access\n" +
		"%[1]d http fetch PUT 201 https://registry.example/demo 90ms attempt #2\n%[1]d verbose exit 0\n"
)

// What npm says of the publish is read wherever it stands in a log of any size, in
// whichever of its files.
func TestLargeLogOfOurOwn(t *testing.T) {
	for _, files := range []int{1, 2, 5} {
		dir := t.TempDir()
		name := func(i int) string {
			return filepath.Join(dir, fmt.Sprintf("2026-01-01T00_00_00_000Z-debug-%d.log", i))
		}
		for i := range files {
			text := chatter(50_000*i+10, 50_000)
			if i == 0 {
				text = logBegins + logPacks + text
				half := len(text)/2 + strings.IndexByte(text[len(text)/2:], '\n') + 1
				text = text[:half] + "25000 http fetch PUT https://registry.example/demo attempt 1 failed with 502\n" + text[half:]
			}
			if i == files-1 {
				n := 50_000*(i+1) + 10
				text += fmt.Sprintf("%[1]d "+logSends, n)
			}
			if err := os.WriteFile(name(i), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text := readLog(name(0))
		run := transcript.Read(transcript.Input{Log: text})
		p := run.Last()
		packed := p.Name == "demo" && p.Version == "1.0.0" && p.Shasum != ""
		if !packed || p.Upload.State != transcript.Accepted || run.NPM != "11.19.1" || fmt.Sprint(p.Upload.Failures) != "[502]" {
			t.Errorf("%d files: %+v", files, p)
		}
		if most := headBytes + tailBytes; len(text) > most {
			t.Errorf("%d files: %d bytes, at most %d", files, len(text), most)
		}
		keepRedacted(dir, nil)
		if got := sizeOf(t, dir); got > int64(files)*(headBytes+tailBytes+100) {
			t.Errorf("%d files: %d bytes are kept", files, got)
		}
		again := transcript.Read(transcript.Input{Log: readLog(name(0))}) // as the run after a kill reads it
		if again.Last().Upload.State != transcript.Accepted {
			t.Errorf("%d files: what is kept says %v", files, again.Last().Upload.State)
		}
	}
}

func sizeOf(t *testing.T, dir string) (n int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}

// What nested runs of npm log is kept within a bound, that says so, and without a
// secret at its ends.
func TestLargeLogsOfOthers(t *testing.T) {
	const secret = "npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE"
	dir := t.TempDir()
	for i := range 12 {
		text := "7 verbose title npm install " + secret + "\n" + chatter(10, 40_000) + "99999 verbose argv " + secret + "\n"
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("2026-01-01T00_00_%02d_000Z-debug-0.log", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keepRedacted(dir, nil)
	if got := sizeOf(t, dir); got > 12*(headBytes+tailBytes+100) {
		t.Errorf("%d bytes are kept", got)
	}
	said := 0
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		text := read(t, f)
		said += strings.Count(text, " bytes in the middle of this log are not kept\n")
		for line := range strings.Lines(text) {
			first, _, _ := strings.Cut(line, " ")
			if strings.Contains(line, secret) || first != "safepublish:" && strings.Trim(first, "0123456789") != "" {
				t.Fatalf("%s: %q", filepath.Base(f), line)
			}
		}
	}
	if len(files) != 12 || said == 0 {
		t.Errorf("%d files, %d say what is not kept", len(files), said)
	}
	if text := read(t, files[0]); !strings.HasPrefix(text, "7 verbose title npm install npm_***\n") {
		t.Errorf("the beginning is lost: %q", text[:60])
	}
}

// A log that is one line is cut through: half of a secret would pass the redactor, so
// that nothing of the line is kept.
func TestLongLineOfALog(t *testing.T) {
	const secret = "npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE"
	dir := t.TempDir()
	file := filepath.Join(dir, "2026-01-01T00_00_00_000Z-debug-0.log")
	write(t, file, strings.Repeat("y", headBytes-10)+" "+secret+strings.Repeat(" z", 2*tailBytes)+"\nlast\n")
	keepRedacted(dir, nil)
	if got := read(t, file); !strings.HasPrefix(got, "last\nsafepublish: ") || strings.Contains(got, "npm_") {
		t.Errorf("%d bytes: %q…", len(got), got[:min(len(got), 60)])
	}
}

// A script may lay anything into the folder of logs.
func TestPipeAmongTheLogs(t *testing.T) {
	r := quiet(t, fakeNPM(t, `cd "$npm_config_logs_dir"; mkfifo 2000-debug-0.log 2026-11-23T15_47_24_935Z-debug-1.log; cd "$OLDPWD"; `+logging))
	result := publish(t, r, Attempt{})
	if result.Code != "E403" {
		t.Errorf("code %q", result.Code)
	}
	if info, err := os.Stat(filepath.Join(filepath.Dir(newestLog(r)), "2000-debug-0.log")); err == nil {
		t.Errorf("it is still there: %v", info.Mode())
	}
}
