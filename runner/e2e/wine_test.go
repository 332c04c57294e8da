//go:build !windows

package e2e

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// wine is a Windows of its own, with a Node.js of ours and a package in it.
type wine struct {
	t               *testing.T
	loader, home    string
	program         string
	nodejs, project string // as Linux sees them
}

// newWine makes one; where there is no wine, or none that can start a program of Go's, the
// test is skipped.
func newWine(t *testing.T) *wine {
	t.Helper()
	home, err := os.MkdirTemp("", "wine-") //nolint:usetesting // wine is still at work in it when a testing.T removes its own
	if err != nil {
		t.Fatal(err)
	}
	w := &wine{t: t, home: home}
	for _, name := range []string{"wine64", "wine", "/usr/lib/wine/wine64"} { // the last is Debian's
		if found, err := exec.LookPath(name); err == nil {
			w.loader = found
			break
		}
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	if w.loader == "" {
		t.Skip("there is no wine: apt-get install --no-install-recommends wine64")
	}
	w.program = filepath.Join(w.home, "safepublish.exe")
	w.build("build", "-o", w.program, "safepublish")
	if out, err := w.command("wineboot", "-i").CombinedOutput(); err != nil {
		t.Skipf("wine does not start: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = w.command("wineboot", "-k").Run() })
	c := filepath.Join(w.home, "prefix", "drive_c")
	w.nodejs, w.project = filepath.Join(c, "Program Files", "nodejs"), filepath.Join(c, "J & J", "100% a^b")
	w.write(filepath.Join(c, "windows", "system32", "bcryptprimitives.dll"), forwarder())
	w.write(filepath.Join(w.nodejs, "npm.cmd"), []byte("SET \"NPM_CLI_JS=%~dp0\\node_modules\\npm\\bin\\npm-cli.js\"\r\nexit 99\r\n"))
	w.write(filepath.Join(w.nodejs, "node_modules", "npm", "package.json"), []byte(`{"name":"npm","version":"11.19.1"}`))
	w.write(filepath.Join(w.nodejs, "node_modules", "npm", "bin", "npm-cli.js"), nil)
	w.write(filepath.Join(w.project, "package.json"), []byte(manifest))
	w.build("build", "-o", filepath.Join(w.nodejs, "node.exe"), "./testdata/wine/node.go")
	return w
}

func (w *wine) build(words ...string) {
	w.t.Helper()
	cmd := exec.Command("go", words...)
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("go %v: %v\n%s", words, err, out)
	}
}

const manifest = "{\r\n  \"name\": \"@acme/demo\",\r\n  \"version\": \"1.0.0\"\r\n}\r\n"

func (w *wine) write(path string, text []byte) {
	w.t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		_, err = os.Stat(path)
		if err != nil || filepath.Ext(path) != ".dll" { // a wine that has it keeps its own
			err = os.WriteFile(path, text, 0o600)
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *wine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.loader, args...)
	cmd.Dir = w.project
	cmd.Env = []string{
		"HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "WINEPREFIX=" + filepath.Join(w.home, "prefix"), "WINEDEBUG=-all",
		`WINEPATH=C:\Program Files\nodejs`, "FAKE_DIR=Z:" + w.home,
		`XDG_STATE_HOME=C:\state` + strings.Repeat(`\a folder of twenty-`, 14), "npm_config_registry=http://127.0.0.1:9/",
	}
	return cmd
}

func (w *wine) run(args ...string) (stdout, stderr string, status int) {
	w.t.Helper()
	return outputOf(w.t, w.command(append([]string{w.program}, args...)...))
}

func (w *wine) read(path ...string) string {
	text, _ := os.ReadFile(filepath.Join(path...))
	return string(text)
}

// forwarder is a bcryptprimitives.dll, which wine before 9 does not have and Go asks for:
// its one function is another's name.
func forwarder() []byte {
	const at, names = 0x1000, "bcryptprimitives.dll\x00ProcessPrng\x00advapi32.SystemFunction036\x00"
	const first = at + 52 // behind the table and three entries
	le := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v)
		}
	}
	var table, file bytes.Buffer
	le(&table, [3]uint32{}, uint32(first), [3]uint32{1, 1, 1}, [3]uint32{at + 40, at + 44, at + 48},
		uint32(first+strings.Index(names, "advapi32")), uint32(first+strings.Index(names, "ProcessPrng")), uint32(0), []byte(names))
	le(&file, []byte("MZ"), make([]byte, 58), uint32(64), []byte("PE\x00\x00"), uint16(0x8664), uint16(1), [3]uint32{}, uint16(240), uint16(0x2022))
	le(&file, uint16(0x20b), uint16(14), [3]uint32{0, 0x200, 0}, [2]uint32{0, at}, uint64(0x180000000), [2]uint32{0x1000, 0x200})
	le(&file, [6]uint16{6, 0, 0, 0, 6, 0}, [4]uint32{0, 0x2000, 0x200, 0}, [2]uint16{3, 0x100})
	le(&file, [4]uint64{0x100000, 0x1000, 0x100000, 0x1000}, [2]uint32{0, 16}, [2]uint32{at, uint32(table.Len())}, [30]uint32{})
	le(&file, []byte(".edata\x00\x00"), [4]uint32{uint32(table.Len()), at, 0x200, 0x200}, [3]uint32{}, uint32(0x40000040))
	return append(append(file.Bytes(), make([]byte, 0x200-file.Len())...), append(table.Bytes(), make([]byte, 0x200-table.Len())...)...)
}

// The program for Windows: what can be seen of it without one.
func TestWine(t *testing.T) {
	if wanted == "" {
		t.Skip("takes more than a minute: SAFEPUBLISH_TEST_WHOLE=pairs")
	}
	t.Parallel()
	w := newWine(t)
	if out, errs, status := w.run("--version"); status != 0 || !strings.HasPrefix(out, "safepublish ") {
		t.Skipf("this wine starts no program of Go's: %d\n%s%s", status, out, errs)
	}
	if out, _, status := w.run("explain", "version-exists"); status != 0 || !strings.Contains(out, "npm version patch") {
		t.Errorf("explain: %d\n%s", status, out)
	}
	if out, _, status := w.run("--help"); status != 0 || !strings.Contains(out, "--otp-command") {
		t.Errorf("help: %d\n%s", status, out)
	}
	if _, errs, status := w.run("--dryrun"); status != 64 || !strings.Contains(errs, "did you mean --dry-run") {
		t.Errorf("--dryrun: %d\n%s", status, errs)
	}
	w.arguments()
	w.journal()
	w.lock()
	w.tests("safepublish/remedy/edit", "^TestReplaceWaitsForReaders$")
	w.tests("safepublish/runner/npmexec", "^Test(Hold|OneTimePassword)$")
}

// tests runs tests that are for Windows alone.
func (w *wine) tests(pkg, which string) {
	binary := filepath.Join(w.home, "test.exe")
	w.build("test", "-c", "-o", binary, pkg)
	if out, err := w.command(binary, "-test.v", "-test.run", which).CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		w.t.Errorf("%s: %v\n%s", pkg, err, out)
	}
}

// arguments: node gets them as they are, without a cmd.exe between, and what is to be
// typed is quoted for it.
func (w *wine) arguments() {
	hostile := []string{"--tag", `a&calc "%PATH%" ^x!`, "--access", "public"}
	_, errs, status := w.run(append([]string{"--no-input", "--no-check"}, hostile...)...)
	got := strings.Split(w.read(w.home, "arguments"), "\n")
	if len(got) < 4 || !slices.Equal(got[:4], hostile) || status != 65 {
		w.t.Errorf("%d: npm got %q\n%s", status, got, errs)
	}
	if !strings.Contains(errs, `--tag ^"a^&calc \^"^%PATH^%\^" ^^x^!^" --access public`) {
		w.t.Errorf("not quoted for cmd.exe:\n%s", errs)
	}
}

// journal: an edit for a publish that did not happen is taken back, byte for byte.
func (w *wine) journal() {
	_, errs, status := w.run("--no-input", "--no-check", "--fix", "bump=1.0.1")
	if now := w.read(w.project, "package.json"); now != manifest || !strings.Contains(errs, "package.json is as it was before") {
		w.t.Errorf("%d: package.json is %q\n%s", status, now, errs)
	}
}

// lock: two do not publish at once, npm ends with a safepublish that is killed, and the
// lock with it.
func (w *wine) lock() {
	first := w.command(w.program, "--no-input", "--no-check")
	first.Env = append(first.Env, "FAKE_WAITS=1")
	if err := first.Start(); err != nil {
		w.t.Fatal(err)
	}
	alive := func() string { return w.read(w.home, "alive") }
	for began := time.Now(); alive() == "" && time.Since(began) < time.Minute; {
		time.Sleep(50 * time.Millisecond)
	}
	if alive() == "" {
		w.t.Fatal("npm was not started")
	}
	if _, errs, status := w.run("--no-input", "--no-check"); status != 75 || !strings.Contains(errs, "safepublish: busy: ") {
		w.t.Errorf("beside another: %d\n%s", status, errs)
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	last := alive()
	for tries := 0; ; tries++ {
		time.Sleep(500 * time.Millisecond)
		now := alive()
		if now == last {
			break
		}
		if last = now; tries > 20 {
			w.t.Fatal("npm goes on after safepublish was killed")
		}
	}
	if _, errs, status := w.run("--no-input", "--no-check"); status == 75 {
		w.t.Errorf("after it: %d\n%s", status, errs)
	}
}
