//go:build !windows

package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"safepublish/runner/realnpm"
)

// program is the path of safepublish, built once for all tests as .ci/release builds it,
// and buildTags are the tags that it is built with.
var program, buildTags = "", "urfave_cli_no_docs"

// released is the version of the program.
const released = "9.8.7"

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("-short: no end-to-end test is run")
		return
	}
	realnpm.TakeSignals()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "safepublish-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "safepublish")
	build := exec.Command("go", "build", "-tags", buildTags, "-ldflags", "-s -w -X main.version="+released, "-o", program, "safepublish")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
