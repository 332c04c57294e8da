//go:build !windows

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestReleaseRefusesWhatIsNoVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		nil, {""}, {"v1.2.3"}, {"1.2"}, {"01.2.3"}, {"1.2.3-01"}, {"1.2.3-a..b"}, {"1.2.3+b"}, {"1.2.3 "}, {"1.2.3\n4"}, {"1.2.3", "4"}, {"--help"},
	} {
		stdout, stderr, status := outputOf(t, exec.Command(filepath.Join("..", "..", ".ci", "release"), args...))
		if status != 64 || stdout != "" || !strings.HasPrefix(stderr, ".ci/release takes one version such as 1.2.3 or ") {
			t.Errorf("%q: %d %q %q", args, status, stdout, stderr)
		}
	}
}

// The same programs make the same archives, of which SHA256SUMS is what sha256sum reads.
func TestReleaseArchivesAreTheSameTwice(t *testing.T) {
	t.Parallel()
	var sums []string
	for range 2 {
		builds, out := t.TempDir(), t.TempDir()
		for _, program := range []string{"linux-x64/safepublish", "win32-arm64/safepublish.exe"} {
			path := filepath.Join(builds, program)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("#!/bin/sh\necho started\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		archive := exec.Command("go", "run", ".ci/archive.go", "1.2.3", builds, out)
		archive.Dir = filepath.Join("..", "..")
		if _, stderr, status := outputOf(t, archive); status != 0 {
			t.Fatal(stderr)
		}
		unpack := exec.Command("sh", "-c", "sha256sum -c SHA256SUMS && tar -xzf safepublish-1.2.3-linux-x64.tar.gz && ls safepublish-* && ./safepublish-1.2.3-linux-x64/safepublish")
		unpack.Dir = out
		stdout, stderr, status := outputOf(t, unpack)
		if status != 0 || !strings.HasSuffix(stdout, "\nLICENSE\nREADME.md\nsafepublish\nstarted\n") || strings.Count(stdout, ": OK\n") != 2 {
			t.Errorf("%d\n%s%s", status, stdout, stderr)
		}
		sums = append(sums, slurp(out, "SHA256SUMS"))
	}
	if sums[0] != sums[1] || !strings.Contains(sums[0], "  safepublish-1.2.3-windows-arm64.zip\n") {
		t.Errorf("%q", sums)
	}
}

// The configuration of goreleaser builds what .ci/release builds.
func TestReleaseAndGoreleaserBuildTheSame(t *testing.T) {
	release, goreleaser := slurp(filepath.Join("..", "..", ".ci"), "release"), slurp(filepath.Join("..", ".."), ".goreleaser.yaml")
	for inRelease, inGoreleaser := range map[string]string{
		"-trimpath -buildvcs=false":                 "flags: [-trimpath, -buildvcs=false]",
		`-ldflags "-s -w -X main.version=$version"`: `ldflags: ["-s -w -X main.version={{ .Version }}"]`,
		"CGO_ENABLED=0":                             "env: [CGO_ENABLED=0]",
		"linux-x64 linux-arm64 darwin-x64 darwin-arm64 win32-x64 win32-arm64; do": "goos: [linux, darwin, windows]\n    goarch: [amd64, arm64]",
	} {
		if !strings.Contains(release, inRelease) || !strings.Contains(goreleaser, inGoreleaser) {
			t.Errorf("not both have %q and %q", inRelease, inGoreleaser)
		}
	}
}
