//go:build unix

package npmexec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The folders that are found without npm are those of the workspaces that npm itself
// selects, in any way of saying it.
func TestWorkspaceFoldersAreNPMsOwn(t *testing.T) {
	for _, line := range []string{
		"--workspaces", "--workspaces=true", "-w a", "-w @x/b", "--workspace=packages/a", "-w packages", "-w ./packages", "-w packages/a -w apps/c",
		"--workspaces --include-workspace-root", "-w a --include-workspace-root", "-w nothing", "-w apps/", "-w packages/deep/e", "-w packages/deep",
		"-w .", "--workspaces=false", "-w apps/*", "-w ./packages/a", "-w a/", "in packages: -w a", "in packages: -w ./a", "in packages: -w .",
		"in packages: -w packages", "in packages: -w ../apps", "in packages: -w ../apps/c", "in packages: --workspaces",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			args, inPackages := strings.CutPrefix(line, "in packages: ")
			r := withRealNPM(t, map[string]string{
				"package.json":                 `{"name":"root","version":"1.0.0","workspaces":["packages/*","packages/deep/*","apps/*","!packages/out"]}`,
				"packages/a/package.json":      `{"name":"a","version":"1.0.0"}`,
				"packages/b/package.json":      `{"name":"@x/b","version":"1.0.0"}`,
				"packages/out/package.json":    `{"name":"out","version":"1.0.0"}`,
				"packages/deep/e/package.json": `{"name":"e","version":"1.0.0"}`,
				"apps/c/package.json":          `{"name":"c","version":"1.0.0"}`,
				"apps/none/index.js":           "1",
			})
			if inPackages {
				r.Dir = filepath.Join(r.Dir, "packages")
			}
			given := strings.Fields(args)
			var want, got []string
			if args != "--workspaces=false" { // npm pkg is then about the root, as a publish is
				all, err := r.Workspaces(t.Context(), given)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range all {
					want = append(want, w.Name)
				}
			}
			for _, folder := range r.WorkspaceFolders(t.Context(), given) {
				var m struct{ Name string }
				text, err := os.ReadFile(filepath.Join(folder, "package.json"))
				if err != nil || json.Unmarshal(text, &m) != nil {
					t.Fatal(folder, err)
				}
				got = append(got, m.Name)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%q, npm has %q", got, want)
			}
		})
	}
}

// A large repository has more files than folders are looked at: its workspaces are found.
func TestWorkspacesAmongManyFiles(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "packages/a/package.json"), `{"name":"a","version":"1.0.0"}`)
	write(t, filepath.Join(root, "assets/0"), "")
	for i := range maxFolders {
		if err := os.Symlink("0", filepath.Join(root, "assets", strconv.Itoa(i+1))); err != nil {
			t.Fatal(err)
		}
	}
	if got := VersionBelow(root, "a"); got != "1.0.0" {
		t.Errorf("version %q", got)
	}
}
