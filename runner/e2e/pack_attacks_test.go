//go:build !windows

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeYarn puts a yarn on PATH that packs package.json, or instead.json in its place.
func fakeYarn(p *project) {
	p.t.Helper()
	dir := p.t.TempDir()
	text := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 4.1.0; exit; fi\nmkdir -p '" + dir + "/package'\n" +
		"cp package.json '" + dir + "/package/'\n[ ! -e instead.json ] || cp instead.json '" + dir + "/package/package.json'\n" +
		"tar czf \"$3\" -C '" + dir + "' package\n"
	if err := os.WriteFile(filepath.Join(dir, "yarn"), []byte(text), 0o755); err != nil {
		p.t.Fatal(err)
	}
	p.withOnPath(dir)
}

// A tarball that says less than package.json opens nothing, goes nowhere else, and has no
// other name.
func TestRealPackWithAnotherManifest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ meant, packed, want string }{
		"private":  {`{"name":"demo","version":"1.0.0","private":true}`, `{"name":"demo","version":"1.0.0"}`, "private-package"},
		"a name":   {demo, `{"name":"another","version":"1.0.0"}`, "manifest-invalid"},
		"nothing":  {demo, `{}`, "manifest-invalid"},
		"registry": {`{"name":"demo","version":"1.0.0","publishConfig":{"registry":"http://127.0.0.1:9/"}}`, demo, "manifest-invalid"},
		"access": {
			`{"name":"@me/demo","version":"1.0.0","publishConfig":{"access":"restricted"}}`,
			`{"name":"@me/demo","version":"1.0.0","publishConfig":{"access":"public"}}`, "manifest-invalid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			p := newProject(t, npm11, reg.URL, c.meant)
			p.write("instead.json", c.packed)
			fakeYarn(p)
			_, stderr, status := p.piped("--pack-with", "yarn")
			if all, _ := reg.got(); status != 65 || len(all) != 0 || !strings.HasPrefix(lastLine(stderr), "safepublish: "+c.want+": ") {
				t.Errorf("status %d, %+v\n%s", status, all, stderr)
			}
		})
	}
}

// Where npm is set to run no script, the client runs none either, or does not pack.
func TestRealPackWithoutScripts(t *testing.T) {
	t.Parallel()
	for _, c := range few(1, clients) {
		t.Run(c.name+c.version, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			p := linked(t, c.npm, c.name, c.pkg, c.version, reg)
			ran := filepath.Join(p.dir, "ran")
			p.dir = filepath.Join(p.dir, "packages", "b")
			_, stderr, status := p.piped("--pack-with", c.name, "--ignore-scripts")
			_, err := os.Stat(ran)
			_, stored := reg.got()
			if err == nil || (status == 0) != (len(stored) == 1) || (status == 64) != (c.name == "yarn") || status != 0 && status != 64 {
				t.Errorf("status %d, %+v, ran: %v\n%s", status, stored, err == nil, stderr)
			}
		})
	}
}
