package preflight_test

import (
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/preflight"
)

// packs is a package that npm would pack of these files.
func packs(fields string, files ...string) *classify.Case {
	f := good()
	depends(fields)(f)
	f.Package.Packed.Files = nil
	for _, path := range append(files, "package.json") {
		f.Package.Packed.Files = append(f.Package.Packed.Files, classify.File{Path: path})
	}
	return f
}

// said are the findings about contents and settings, without those that are fine.
func said(f *classify.Case) string {
	var all []string
	for _, w := range preflight.Find(f, preflight.Next{}) {
		if w.Mark != preflight.OK {
			all = append(all, w.Text)
		}
	}
	return strings.Join(all, "\n")
}

// What package.json names is packed, or said.
func TestWhatPackageJSONNamesAndIsNotPacked(t *testing.T) {
	const nobody, notThere, left = "nobody can use it: ", "package.json names files that do not exist: ", "not packed, although"
	for _, c := range []struct {
		name, fields, files, there, want string
	}{
		{"main", `"main":"./dist/index.js"`, "a.js", "", nobody + notThere + "dist/index.js (main)"},
		{"main, and node takes index.js", `"main":"./dist/index.js"`, "index.js", "", notThere + "dist/index.js (main)"},
		{"types alone", `"types":"a.d.ts"`, "a.js", "", notThere + "a.d.ts (types)"},
		{"main without its ending", `"main":"lib/index"`, "lib/index.js", "", ""},
		{"main is a folder", `"main":"./lib/"`, "lib/index.js", "", ""},
		{"main is this folder", `"main":"."`, "index.js", "", ""},
		{"no main", `"main":""`, "a.js", "", ""},
		{"only types", `"main":"","types":"index.d.ts"`, "index.d.ts", "", ""},
		{"types that are left out", `"main":"a.js","types":"src/a.d.ts"`, "a.js", "src/a.d.ts", left},
		{"types without their ending", `"main":"a.js","typings":"./types/a"`, "a.js types/a.d.ts", "", ""},
		{"module and browser", `"main":"a.js","module":"a.mjs","browser":"b.js"`, "a.js", "", notThere + "a.mjs (module), b.js (browser)"},
		{"browser as a map", `"main":"a.js","browser":{"fs":false,"./a.js":"./b.js"}`, "a.js", "", ""},
		{"a bin", `"main":"a.js","bin":"./cli.js"`, "a.js", "", notThere + "cli.js (bin)"},
		{"bins", `"main":"a.js","bin":{"x":"x.js","y":"./y.js"}`, "a.js y.js", "", notThere + "x.js (bin x)"},
		{"a folder of bins", `"directories":{"bin":"./bin"}`, "index.js", "", notThere + "bin (directories.bin)"},
		{"a folder of bins, full", `"directories":{"bin":"./bin"}`, "bin/a.js", "", ""},
		{
			"exports by conditions", `"exports":{".":{"types":"./d/a.d.ts","import":{"node":"./d/n.mjs","default":"./d/a.mjs"},"require":"./d/a.cjs"}}`,
			"d/a.mjs d/n.mjs d/a.d.ts", "", notThere + "d/a.cjs (exports)",
		},
		{"exports in short", `"exports":"./a.js"`, "b.js", "", nobody + notThere + "a.js (exports)"},
		{
			"exports by subpath", `"exports":{".":"./a.js","./b":"./b.js","./c":null,"./package.json":"./package.json"}`, "a.js", "",
			notThere + "b.js (exports ./b)",
		},
		{"exports by pattern", `"exports":{"./*":"./d/*.js","./u/*":"./u/*/index.js"}`, "d/x/y.js", "", notThere + "u/*/index.js (exports ./u/*)"},
		{"exports of a folder", `"exports":{"./":"./d/"}`, "d/x.js", "", ""},
		{"exports as a list", `"exports":{".":["./a.js","./b.js"]}`, "a.js", "", ""},
		{"exports of a project's own", `"exports":{".":{"@acme/source":"./src/a.ts","development":"./src/a.ts","default":"./a.js"}}`, "a.js", "", ""},
		{"types of one version", `"exports":{".":{"types@>=5":"./n.d.ts","default":"./a.js"}}`, "a.js", "", notThere + "n.d.ts (exports)"},
		{"files", `"main":"a.js","files":["a.js","lib","*.d.ts","!x"]`, "a.js", "", "files in package.json lists what does not exist: *.d.ts, lib"},
		{
			"files that match", `"main":"a.js","files":["./a.js","lib/","**/*.d.ts","*.css","img/**","/LICENSE","{x,y}/*.js"]`,
			"a.js lib/b.js s/c.css d.d.ts img/a.png LICENSE y/a.js", "", "",
		},
		{"an empty folder of files", `"main":"a.js","files":["a.js","lib"]`, "a.js", "lib", left},
		{"all files", `"files":["**"],"main":"a.js"`, "a.js", "", ""},
		{"outside", `"main":"../a.js"`, "a.js", "", nobody + notThere + "../a.js (main)"},
		{"built before it is packed", `"main":"dist/a.js","scripts":{"prepack":"tsc"}`, "b.js", "", ""},
		{"built, and left out", `"main":"a.js","types":"d/a.d.ts","scripts":{"prepack":"tsc"}`, "a.js", "d/a.d.ts", left},
		{"built when it is too late", `"main":"dist/a.js","scripts":{"postpack":"tsc"}`, "b.js", "", nobody},
		{"not strings", `"main":{},"bin":[1],"exports":7,"files":"x"`, "b.js", "", ""},
	} {
		f := packs(c.fields, strings.Fields(c.files)...)
		f.Package.There = strings.Fields(c.there)
		if got := said(f); (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q\nwant %q", c.name, got, c.want)
		}
	}
}

// What a script may still make is named in the line of the contents, and is no warning.
func TestWhatAScriptMayMake(t *testing.T) {
	f := packs(`"main":"dist/a.js","scripts":{"prepack":"tsc"}`, "b.js")
	for _, w := range preflight.Find(f, preflight.Next{}) {
		if w.Topic == "contents" && !strings.HasSuffix(w.Text, "prepack may add to it, because package.json names files that do not exist yet: dist/a.js (main)") {
			t.Error(w.Text)
		}
	}
}

// Each path that is named is looked for on disk.
func TestNamed(t *testing.T) {
	got := preflight.Named([]byte(`{"main":"./a","exports":{"./*":"./d/*.js"},"files":["./lib/","*.ts","src/**/*.d.ts","!x"],` +
		`"bin":{"x":"x.js"},"publishConfig":{"directory":"./dist"}}`))
	if want := ". a d dist lib src x.js"; strings.Join(got, " ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestHowCommandsBegin(t *testing.T) {
	for _, c := range []struct{ path, head, want string }{
		{"cli.js", "#!/usr/bin/env node\n1", ""},
		{"cli.js", "#!/usr/bin/env node\r\n1\r\n", "CRLF"},
		{"cli.js", "#!/usr/bin/env node", ""},
		{"cli.js", "#!/usr/bin/env node\n1\r\n", ""},
		{"cli.js", "\xef\xbb\xbf#!/usr/bin/env node\n", "byte order mark"},
		{"cli.js", "require('./a')\n", "does not begin with #!"},
		{"cli.mjs", "", "does not begin with #!"},
		{"bin/cli", "1\n", "does not begin with #!"},
		{"cli.sh", "echo 1\n", ""},
		{"cli.exe", "MZ\x90\x00", ""},
		{"bin/cli", "\x7fELF\x00", ""},
	} {
		for _, as := range []string{`"bin":"` + c.path + `"`, `"bin":{"x":"./` + c.path + `"}`} {
			f := packs(as, c.path)
			f.Package.Packed.Files[0].Start = preflight.Start([]byte(c.head))
			if got := said(f); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("%s with %q: %q, want %q", as, c.head, got, c.want)
			}
		}
		f := packs(`"main":"`+c.path+`"`, c.path) // no command
		f.Package.Packed.Files[0].Start = preflight.Start([]byte(c.head))
		if got := said(f); got != "" {
			t.Errorf("%s is no command: %q", c.path, got)
		}
	}
	if got := preflight.Bins([]byte(`{"directories":{"bin":"bin"}}`), []string{"bin/a.js", "binary.js"}); len(got) != 1 || got["bin/a.js"] == "" {
		t.Errorf("%v", got)
	}
}

func TestPublishConfigThatNPMDoesNotTake(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{`{"directory":"dist"}`, "publishConfig.directory is dist: npm ignores it"},
		{`{"main":"dist/a.js","exports":{".":"./dist/a.js"}}`, "npm does not copy main, exports from publishConfig"},
		{`{"main":"a.js"}`, ""},
		{`{"access":"public","registry":"https://npmjs.org/","tag":"latest"}`, ""},
	} {
		if got := said(packs(`"main":"a.js","publishConfig":`+c.config, "a.js")); (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.config, got, c.want)
		}
	}
}
