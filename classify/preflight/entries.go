package preflight

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/pattern"
)

// entry is one file that package.json names, or a pattern of several.
type entry struct {
	where string // "main", "bin x", "exports ./feature"
	path  string // without ./ in front; "*" of exports is "**"
	loose bool   // what node and the bundlers complete: lib/index is lib/index.js
}

// conditions of exports that whoever installs a package may have (node, esm.md; others
// are a project's own, as for its sources in development).
var conditions = []string{
	"default", "import", "require", "node", "node-addons", "module-sync", "browser", "module", "types", "production", "worker", "deno", "bun",
}

// entries returns what package.json says can be used of the package.
func entries(manifest []byte) []entry {
	var all []entry
	add := func(where string, v gjson.Result, loose bool) {
		if v.Type == gjson.String && v.String() != "" {
			all = append(all, entry{where, clean(v.String()), loose})
		}
	}
	doc := gjson.ParseBytes(manifest)
	for _, key := range []string{"main", "module", "browser", "types", "typings", "bin"} {
		add(key, doc.Get(key), key != "bin")
	}
	doc.Get("bin").ForEach(func(name, file gjson.Result) bool {
		if doc.Get("bin").IsObject() {
			add("bin "+name.String(), file, false)
		}
		return true
	})
	add("directories.bin", doc.Get("directories.bin"), false)
	exported("exports", doc.Get("exports"), func(where string, v gjson.Result) { add(where, v, false) })
	return all
}

// exported calls add for every target of exports: a string, the first of a list, that of
// each condition and subpath. null is none.
func exported(where string, v gjson.Result, add func(string, gjson.Result)) {
	switch {
	case v.IsArray():
		if list := v.Array(); len(list) > 0 {
			exported(where, list[0], add)
		}
	case v.IsObject():
		v.ForEach(func(key, target gjson.Result) bool {
			name, _, _ := strings.Cut(key.String(), "@") // types@>=5
			switch {
			case strings.HasPrefix(name, "./"):
				exported("exports "+key.String(), target, add)
			case name == ".", slices.Contains(conditions, name):
				exported(where, target, add)
			}
			return true
		})
	case strings.HasPrefix(v.String(), "./"):
		add(where, v)
	}
}

// clean brings a path into the form of npm's packing list.
func clean(file string) string {
	star := strings.ReplaceAll(path.Clean("/" + strings.ReplaceAll(file, `\`, "/"))[1:], "*", "**")
	if strings.HasPrefix(strings.TrimPrefix(file, "./"), "..") {
		return file
	}
	return star
}

// completions are what node, the bundlers and TypeScript put behind a path.
var completions = []string{
	"", ".js", ".json", ".node", ".cjs", ".mjs", ".d.ts", ".ts",
	"/index.js", "/index.json", "/index.node", "/index.d.ts", "/package.json",
}

// in tells whether a list of files holds what an entry names.
func (e entry) in(files []string) bool {
	if strings.Contains(e.path, "*") {
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(e.path), `\*\*`, ".+") + "$")
		return slices.ContainsFunc(files, pattern.MatchString)
	}
	is := func(end string) bool { return slices.Contains(files, strings.TrimPrefix(e.path+end, "/")) }
	if e.loose && slices.ContainsFunc(completions, is) {
		return true
	}
	below := strings.TrimSuffix(e.path, "/") + "/"
	folder := e.where == "directories.bin" || strings.HasPrefix(e.where, "exports ")
	return slices.Contains(files, e.path) || slices.ContainsFunc(files, func(f string) bool { return folder && strings.HasPrefix(f, below) })
}

// Named returns the paths that package.json names, each as far as it is no pattern: whether
// they are on disk is wanted in Package.There.
func Named(manifest []byte) []string {
	var all []string
	for _, e := range entries(manifest) {
		all = append(all, onDisk(e.path))
	}
	for _, pattern := range listedFiles(manifest) {
		all = append(all, onDisk(pattern))
	}
	if dir := gjson.GetBytes(manifest, "publishConfig.directory").String(); dir != "" {
		all = append(all, clean(dir))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func onDisk(pattern string) string {
	if at := strings.IndexAny(pattern, "*?[{"); at >= 0 {
		return path.Dir(pattern[:at] + "x")
	}
	return pattern
}

// listedFiles returns what "files" lists, without what it takes out.
func listedFiles(manifest []byte) []string {
	var all []string
	files := gjson.GetBytes(manifest, "files")
	for _, v := range files.Array() {
		if s := v.String(); files.IsArray() && s != "" && !strings.HasPrefix(s, "!") {
			all = append(all, strings.Trim(strings.TrimPrefix(s, "./"), "/"))
		}
	}
	return all
}

// matches tells whether an entry of "files" matches a file (npm-packlist 10.0.4: as a line
// of .gitignore, so that one without a slash matches at any depth).
func matches(pattern, file string) bool {
	for _, p := range []string{pattern, pattern + "/**"} {
		if ok, err := doublestar.Match(p, file); ok || err != nil {
			return true // of what we cannot read nothing is said
		}
		if ok, _ := doublestar.Match("**/"+p, file); ok && !strings.Contains(pattern, "/") {
			return true
		}
	}
	return pattern == "" || pattern == "." || strings.HasSuffix(pattern, "**")
}

// Bins returns the files that are started as commands.
func Bins(manifest []byte, packed []string) map[string]string {
	found := map[string]string{}
	for _, e := range entries(manifest) {
		for _, file := range packed {
			inFolder := e.where == "directories.bin" && strings.HasPrefix(file, e.path+"/")
			if strings.HasPrefix(e.where, "bin") && file == e.path || inFolder {
				found[file] = e.where
			}
		}
	}
	return found
}

// Start says how a file begins, as far as that decides who can start it.
func Start(head []byte) string {
	line, _, ended := bytes.Cut(head, []byte("\n"))
	switch {
	case bytes.HasPrefix(head, []byte("#!")) && ended && bytes.HasSuffix(line, []byte("\r")):
		return "#! with a Windows line end"
	case bytes.HasPrefix(head, []byte("#!")):
		return "#!"
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf#!")):
		return "a byte order mark"
	case bytes.IndexByte(head, 0) >= 0:
		return "a program"
	}
	return "text"
}

// script is what has to say who runs it.
var script = pattern.New(`\.(?:[cm]?[jt]s)$|(?:^|/)[^./]+$`)

// commands: can what package.json names as a command be started. npm makes it executable
// when it packs (pacote 21, lib/util/tar-create-options.js) and when it installs, so that
// its mode does not matter.
func commands(c *classify.Case) []Finding {
	var all []Finding
	bins := Bins(c.Package.Manifest, packedFiles(c))
	for _, file := range c.Package.Packed.Files {
		if bins[file.Path] == "" {
			continue
		}
		as := file.Path + " (" + bins[file.Path] + ") "
		switch {
		case file.Start == "#! with a Windows line end":
			// bin-links 6.0.2, lib/fix-bin.js, which pnpm has too; yarnpkg/yarn#5480, oven-sh/bun#23360
			all = append(all, warning("contents", "", as+"has a Windows line end (CRLF) after #!: npm and pnpm fix that on install, "+
				"yarn and older bun do not, and it does not start there")...)
		case file.Start == "a byte order mark":
			all = append(all, warning("contents", "", as+"has a byte order mark in front of #!: Linux and macOS run it as a shell script")...)
		case file.Start == "text" && script.MatchString(file.Path):
			all = append(all, warning("contents", "", as+"does not begin with #!: Linux and macOS run it as a shell script; "+
				"its first line has to be #!/usr/bin/env node")...)
		}
	}
	return all
}

func packedFiles(c *classify.Case) []string {
	var all []string
	for _, file := range c.Package.Packed.Files {
		all = append(all, file.Path)
	}
	return all
}

// absent is what is named and not packed: what is on disk, what is not even there, and
// what "files" lists and is not there.
type absent struct{ left, missing, unmatched map[string][]string }

func findAbsent(c *classify.Case) absent {
	a, packed := absent{map[string][]string{}, map[string][]string{}, map[string][]string{}}, packedFiles(c)
	note := func(path, where string) {
		to := a.missing
		switch {
		case slices.Contains(c.Package.There, onDisk(path)):
			to = a.left
		case where == "files":
			to = a.unmatched
		}
		if !slices.Contains(to[path], where) {
			to[path] = append(to[path], where)
		}
	}
	for _, e := range entries(c.Package.Manifest) {
		if !e.in(packed) {
			note(strings.ReplaceAll(e.path, "**", "*"), e.where)
		}
	}
	for _, pattern := range listedFiles(c.Package.Manifest) {
		if !slices.ContainsFunc(packed, func(file string) bool { return matches(pattern, file) }) {
			note(pattern, "files")
		}
	}
	return a
}

// places are paths, each with what names it: "dist/x.js (main, bin x)".
func places(of map[string][]string) string {
	var all []string
	for _, path := range slices.Sorted(maps.Keys(of)) {
		all = append(all, path+" ("+strings.Join(of[path], ", ")+")")
	}
	return listed(all)
}

// entryPoints: what package.json names and npm would not pack. Until a script has run that
// may make it, nothing is said here of what is not on disk.
func entryPoints(c *classify.Case) []Finding {
	a := findAbsent(c)
	var all []Finding
	if len(a.missing) > 0 && len(madeBy(c)) == 0 {
		text := "package.json names files that do not exist: " + places(a.missing)
		if noUse(c) {
			text = "nobody can use it: " + text
		}
		all = warning("contents", "", text)
	}
	if len(a.unmatched) > 0 && len(madeBy(c)) == 0 {
		text := "files in package.json lists what does not exist: " + listed(slices.Sorted(maps.Keys(a.unmatched)))
		all = append(all, warning("contents", "", text)...)
	}
	if len(a.left) > 0 {
		all = append(all, warning("contents", "", "not packed, although it exists and package.json names it: "+places(a.left)+
			"; files, .npmignore or .gitignore leaves it out")...)
	}
	return append(all, publishConfig(c)...)
}

// noUse tells whether nothing of what package.json names to be loaded or started is packed.
// Without exports node takes index.js instead (node, modules.md, LOAD_AS_DIRECTORY).
func noUse(c *classify.Case) bool {
	packed, named := packedFiles(c), false
	for _, e := range entries(c.Package.Manifest) {
		if e.where == "types" || e.where == "typings" {
			continue
		}
		if named = true; e.in(packed) {
			return false
		}
	}
	return named && (field(c, "exports").Exists() || !slices.Contains(packed, "index.js"))
}

// madeBy returns the scripts that may make what is packed.
func madeBy(c *classify.Case) []string {
	return slices.DeleteFunc(ScriptsBefore(c), func(event string) bool { return event == "postpack" })
}

// overrides are what pnpm and yarn take over from publishConfig when they pack, and npm
// leaves where it stands (pnpm, exportable-manifest, overridePublishConfig.ts; yarn,
// plugin-pack).
var overrides = []string{"main", "module", "browser", "bin", "exports", "imports", "types", "typings", "type", "typesVersions"}

func publishConfig(c *classify.Case) []Finding {
	const topic = "settings"
	var all []Finding
	if dir := field(c, "publishConfig.directory").String(); dir != "" {
		var typed []string
		if slices.Contains(c.Package.There, clean(dir)) {
			typed = command(c, "safepublish", "./"+clean(dir))
		}
		all = warning(topic, "", "publishConfig.directory is "+dir+": npm ignores it and publishes this folder", typed...)
	}
	var other []string
	for _, key := range overrides {
		if v := field(c, "publishConfig."+key); v.Exists() && v.Raw != field(c, key).Raw {
			other = append(other, key)
		}
	}
	if len(other) > 0 {
		all = append(all, warning(topic, "", "npm does not copy "+strings.Join(other, ", ")+
			" from publishConfig, as pnpm and yarn do: the values outside of it are published")...)
	}
	return all
}
