//go:build unix

package npmexec

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What is merged without a process is what npm itself says; where that is not certain,
// nothing is.
func TestMergedIsWhatNPMSays(t *testing.T) {
	const here = "registry=http://127.0.0.1:1/\n"
	for _, c := range []struct {
		name  string
		files map[string]string // below the home, which holds the package in "work/demo"
		args  []string
		env   []string
		asked bool // npm has to be asked
	}{
		{name: "the person's file", files: map[string]string{".npmrc": here + "tag=beta\n@acme:registry=http://127.0.0.1:2\n"}},
		{
			name: "every level", args: []string{"--tag=next", "--access", "restricted"}, env: []string{"npm_config_ignore_scripts=1", "NPM_CONFIG_TAG=old"},
			files: map[string]string{".npmrc": here + "access=public\ntag=older\nforce\n", "work/demo/.npmrc": "@acme:registry=http://127.0.0.1:${PORT}/\nprovenance=true\n"},
		},
		{
			name:  "a file above is not read",
			files: map[string]string{".npmrc": here, "work/.npmrc": "registry=http://127.0.0.1:3/\ntag=beta\nignore-scripts=true\n"},
		},
		{
			name: "the root of workspaces",
			files: map[string]string{
				".npmrc": here, "work/package.json": `{"name":"root","workspaces":["demo"]}`,
				"work/.npmrc": "tag=beta\n", "work/demo/.npmrc": "tag=alpha\n",
			},
		},
		{
			name: "setup-node", env: []string{"NPM_CONFIG_USERCONFIG=${HOME}/other/.npmrc"},
			files: map[string]string{".npmrc": here + "tag=beta\n", "other/.npmrc": "registry=http://127.0.0.1:4/\nalways-auth=true\n"},
		},
		{name: "a switch denied", files: map[string]string{".npmrc": here + "dry-run=true\nignore-scripts = false\n"}, args: []string{"--no-dry-run", "--ignore-scripts"}},
		{name: "twice", files: map[string]string{".npmrc": here + "tag=one\ntag=two\nregistry=http://127.0.0.1:5/x/\n"}, args: []string{"--tag=a", "--tag=b"}},
		{name: "quoted", files: map[string]string{".npmrc": here + "tag = \"two\" ; or one\n[section]\ntag=three\n"}},
		{
			name:  "commits and retries",
			files: map[string]string{".npmrc": here + "message=\"release %s\"\ntag-version-prefix=rel-\ngit-tag-version=false\nfetch-retries=3\nfetch-retry-factor=1.5\n"},
		},
		{name: "a scope with an underscore", files: map[string]string{".npmrc": here + "@my_team:registry=http://127.0.0.1:2/\n"}},
		{name: "access null", files: map[string]string{".npmrc": here + "access=null\n"}},

		{name: "no such variable", asked: true, files: map[string]string{".npmrc": here + "tag=${NO_SUCH}\n"}},
		{name: "no address", asked: true, files: map[string]string{".npmrc": "registry=127.0.0.1\n"}},
		{name: "no such access", asked: true, files: map[string]string{".npmrc": here + "access=secret\n"}},
		{name: "written otherwise", asked: true, files: map[string]string{".npmrc": here + "Tag=x\n"}},
		{name: "named by a file", asked: true, files: map[string]string{".npmrc": here + "userconfig=${HOME}/x\n"}},
		{name: "global", asked: true, files: map[string]string{".npmrc": here}, args: []string{"--global"}},
		{name: "a global file", asked: true, files: map[string]string{".npmrc": here + "prefix=${HOME}/pre\n", "pre/etc/npmrc": "tag=beta\n"}},
		{name: "a global login", asked: true, files: map[string]string{".npmrc": here + "prefix=${HOME}/pre\n", "pre/etc/npmrc": "//127.0.0.1:1/:_authToken=x\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := withRealNPM(t, nil)
			home := strings.TrimPrefix(r.Env[1], "HOME=")
			r.Dir = filepath.Join(home, "work/demo")
			write(t, filepath.Join(r.Dir, "package.json"), `{"name":"demo","version":"1.0.0"}`)
			for name, text := range c.files {
				write(t, filepath.Join(home, name), strings.ReplaceAll(text, "${HOME}", home))
			}
			r.Env = append(r.Env, "PORT=7")
			for _, e := range c.env {
				r.Env = append(r.Env, strings.ReplaceAll(e, "${HOME}", home))
			}
			merged, plain := r.settings(t.Context(), c.args).Merged()
			if plain == c.asked {
				t.Fatalf("%v, plain: %v", merged, plain)
			}
			if c.asked {
				return
			}
			said := r.askConfig(t.Context(), c.args)
			for key, value := range merged {
				if way := strings.Contains("proxy https-proxy local-address ca cafile cert key strict-ssl", key); said[key] != value && !way {
					t.Errorf("%s is %q, npm says %q", key, value, said[key])
				}
			}
		})
	}
}

// What the program reads of npm's configuration is merged, or npm is asked where it is set:
// what is left out would pass for not set.
func TestMergedHasWhatIsRead(t *testing.T) {
	r := withRealNPM(t, nil)
	merged, plain := r.settings(t.Context(), nil).Merged()
	if !plain || pauses(merged) == nil {
		t.Errorf("%v, plain: %v", merged, plain)
	}
	read := regexp.MustCompile(`(?:Config\(ctx, [a-zA-Z.]+\)|\bconfig)\["([a-z-]+)"\]`)
	var keys []string
	for _, dir := range []string{".", ".."} {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range read.FindAllStringSubmatch(string(text), -1) {
				keys = append(keys, m[1])
			}
		}
	}
	if len(keys) < 5 {
		t.Errorf("only %q are read", keys)
	}
	for _, key := range keys {
		if _, there := merged[key]; !there && !slices.Contains(logKeys, key) {
			t.Errorf("%s is read and not merged", key)
		}
	}
}
