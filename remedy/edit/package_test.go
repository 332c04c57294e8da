package edit

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder makes a package on disk.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	root := folder(t, map[string]string{
		"package.json":                   `{"name":"root","workspaces":["packages/*"]}`,
		"package-lock.json":              `{"packages":{"":{"name":"root"},"packages/a":{"version":"1.0.0"}}}`,
		"packages/a/package.json":        "\xef\xbb\xbf" + `{"name":"a","version":"1.0.0","private":false,"tag":"next","publishConfig":{"access":"public","provenance":true},"scripts":{"version":"x"}}`,
		"packages/a/npm-shrinkwrap.json": `{"version":"1.0.0"}`,
		"packages/a/README.md":           "# a\n\nnpm install a-b\nnpm install a\n",
		"packages/b/package.json":        `{"name":"b","version":"1.0.0","private":"yes"}`,
		"packages/b/dist/package.json":   `{"name":"b","version":"1.0.0"}`,
		"packages/c/package.json":        `{"name":"c","version":"0.0.0-development"}`,
		"packages/c/dist/package.json":   `{"name":"c","version":"1.0.0"}`,
		"broken/package.json":            `{"name":`,
		"array/package.json":             `[]`,
		"empty/README.md":                "",
		"a-1.0.0.tgz":                    "",
	})
	for _, c := range []struct {
		dir, args, kind, why, files, err string
	}{
		{"packages/a", "", "folder", "", "package.json npm-shrinkwrap.json ../../package-lock.json", ""},
		{".", "--tag ./x ./packages/a/", "folder", "", "package.json npm-shrinkwrap.json ../../package-lock.json", ""},
		{"packages/b", "./dist", "folder", "", "dist/package.json package.json", ""},
		{"packages/c", "file:dist", "folder", `dist/package.json has the same name as the package.json above it, whose version is "0.0.0-development"`, "package.json", ""},
		{".", "a-1.0.0.tgz", "tarball", "a-1.0.0.tgz is a tarball", "", ""},
		{".", "packages", "remote", "packages is not a folder here", "", ""},
		{".", "packages/a", "remote", "packages/a is not a folder here", "", ""},
		{".", "https://example.com/x.tgz", "remote", "https://example.com/x.tgz is not a folder here", "", ""},
		{".", "-w a", "workspaces", "workspaces have a package.json each", "", ""},
		{".", "--workspaces", "workspaces", "workspaces have a package.json each", "", ""},
		{".", "--no-workspaces", "folder", "", "package.json package-lock.json", ""},
		{"broken", "", "folder", "package.json is not a JSON object", "", "package.json is not valid: unexpected end of JSON input"},
		{"array", "", "folder", "package.json is not a JSON object", "", "package.json is not valid: json: cannot unmarshal array into Go value of type map[string]json.RawMessage"},
		{"empty", "", "folder", "there is no package.json", "", "there is no package.json in ROOT/empty"},
		{".", "./nowhere", "folder", "there is no ./nowhere", "", "there is no folder and no tarball ./nowhere"},
	} {
		pkg, err := Load(filepath.Join(root, c.dir), strings.Fields(c.args))
		var files []string
		for _, f := range pkg.Files {
			files = append(files, pkg.Rel(f.Path))
		}
		said := ""
		if err != nil {
			said = strings.ReplaceAll(err.Error(), root, "ROOT")
		}
		if pkg.Kind != c.kind || pkg.Why != c.why || strings.Join(files, " ") != c.files || said != c.err {
			t.Errorf("%s %q:\n%s, %q, %q, %q", c.dir, c.args, pkg.Kind, pkg.Why, files, said)
		}
	}

	a, _ := Load(filepath.Join(root, "packages/a"), nil)
	if a.Name != "a" || a.Version != "1.0.0" || a.Private || a.Tag != "next" || a.Config["access"] != "public" ||
		a.Config["provenance"] != "true" || !slices.Equal(a.Scripts, []string{"version"}) || !slices.Equal(a.Mentions(), []string{"README.md:1", "README.md:4"}) {
		t.Errorf("%+v", a)
	}
	if b, _ := Load(filepath.Join(root, "packages/b"), nil); !b.Private {
		t.Error("npm takes every truthy private for true")
	}
}

func TestScanIsBounded(t *testing.T) {
	files := map[string]string{"package.json": `{"name":"@acme/widget"}`, "logo.png": "\x00@acme/widget", ".git/config": "@acme/widget", "node_modules/x/index.js": "@acme/widget"}
	files["big.txt"] = string(bytes.Repeat([]byte("@acme/widget\n"), 30_000))
	files["many.txt"] = strings.Repeat("@acme/widget\n", 30)
	pkg, err := Load(folder(t, files), nil)
	if err != nil {
		t.Fatal(err)
	}
	if found := pkg.Mentions(); len(found) != maxMentions || found[0] != "many.txt:1" {
		t.Errorf("%q", found)
	}
}
