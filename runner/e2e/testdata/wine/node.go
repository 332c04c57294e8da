// A node.exe that is an npm: it writes down what it was called with, and fails, or goes on
// until it is killed.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	args := os.Args[1:]
	if filepath.Base(args[0]) != "npm-cli.js" || len(args) < 2 || args[1] != "publish" {
		os.Exit(1) // a question: nobody knows
	}
	dir := os.Getenv("FAKE_DIR")
	_ = os.WriteFile(filepath.Join(dir, "arguments"), []byte(strings.Join(args[2:], "\n")), 0o600)
	for n := 0; os.Getenv("FAKE_WAITS") != ""; n++ {
		_ = os.WriteFile(filepath.Join(dir, "alive"), []byte(fmt.Sprint(n)), 0o600)
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Fprintln(os.Stderr, "npm error code EPUBLISHCONFLICT")
	fmt.Fprintln(os.Stderr, "npm error publish fail Cannot publish over existing version.")
	os.Exit(1)
}
