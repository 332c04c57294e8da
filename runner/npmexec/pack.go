package npmexec

import (
	"context"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// dryPack asks npm what it would pack. It runs no script and writes nothing.
func (n *NPM) dryPack(ctx context.Context, words ...string) (answer, gjson.Result) {
	env, done, ok := n.scriptless(ctx, n.questionEnv())
	if !ok {
		return answer{}, gjson.Result{}
	}
	defer done()
	words = append([]string{"pack", "--dry-run", "--ignore-scripts", "--foreground-scripts=false"}, words...)
	a := n.question(ctx, localTime, n.Dir, env, words...)
	return a, gjson.Parse(jsonIn(a.out))
}

// Repack returns what npm publish with these arguments would send of that name and
// version now if no script ran; the zero value where npm does not say. No script
// runs and nothing is written. Packing the same files gives the same bytes from npm 7
// on (pacote, lib/util/tar-create-options.js). An empty name takes what is packed,
// where that is one package.
func (n *NPM) Repack(ctx context.Context, args []string, name, version string) npm.Contents {
	given := npm.Parse(args)
	if len(given.Specs) == 1 {
		if file := n.tarball(given.Specs[0]); file != "" {
			return contentsOf(file)
		}
	}
	a, doc := n.dryPack(ctx, append(slices.Clone(given.Specs), flags(given, npm.Selection)...)...)
	var found []npm.Contents
	doc.ForEach(func(_, p gjson.Result) bool { // a list; in npm 12 an object by name
		if a.ok && p.IsObject() && (name == "" || p.Get("name").String() == name && p.Get("version").String() == version) {
			found = append(found, sums(p))
		}
		return true
	})
	if len(found) != 1 {
		return npm.Contents{}
	}
	return found[0]
}

// sums are those of npm pack of one package, or of dist in a manifest.
func sums(of gjson.Result) npm.Contents {
	return npm.Contents{Shasum: of.Get("shasum").String(), Integrity: of.Get("integrity").String()}
}

// tarball returns the file that npm is told to publish, "" where it is none.
func (n *NPM) tarball(spec string) string {
	file := npmrc.Resolve(n.Dir, strings.TrimPrefix(spec, "file:"))
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		return ""
	}
	return file
}

// contentsOf reads a tarball: npm sends the file as it is.
func contentsOf(path string) npm.Contents {
	f, err := os.Open(path)
	if err != nil {
		return npm.Contents{}
	}
	defer f.Close() // it was only read
	one, two := sha1.New(), sha512.New()
	if _, err := io.Copy(io.MultiWriter(one, two), f); err != nil {
		return npm.Contents{}
	}
	return npm.Contents{
		Shasum: hex.EncodeToString(one.Sum(nil)), Integrity: "sha512-" + base64.StdEncoding.EncodeToString(two.Sum(nil)),
	}
}

// pack returns what npm would pack of the subject.
func (n *NPM) pack(ctx context.Context, s Subject) (c classify.Packed, name, version string) {
	var words []string
	if s.Spec != "" {
		words = []string{s.Spec}
	}
	a, doc := n.dryPack(ctx, words...)
	if e := doc.Get("error"); !a.ok || e.Exists() {
		return classify.Packed{Problem: problemOf(a)}, "", ""
	}
	doc.ForEach(func(_, first gjson.Result) bool { // a list up to npm 11, an object in npm 12
		doc = first
		return false
	})
	c = classify.Packed{
		Contents: sums(doc),
		Listed:   doc.Get("files").IsArray(), Size: doc.Get("size").Int(), Unpacked: doc.Get("unpackedSize").Int(),
	}
	for _, file := range doc.Get("files").Array() {
		c.Files = append(c.Files, classify.File{Path: file.Get("path").String()})
	}
	return c, doc.Get("name").String(), doc.Get("version").String()
}

// scriptless returns an environment in which npm pack runs no script, and what
// takes it away again. --ignore-scripts does not keep npm 10 and older from it:
// 8.19.4 runs prepack, prepare and postpack all the same, 10.9.0 prepare
// (measured; libnpmpack 4, pacote 13 and 19 pass the setting on to nobody). What
// runs them is the sh on PATH, so that npm gets one that does nothing. On Windows
// it is no sh; there only an npm that obeys is asked.
func (n *NPM) scriptless(ctx context.Context, env []string) (_ []string, done func(), ok bool) {
	if n.Version(ctx).Has(npm.PacksWithoutScripts) {
		return env, func() {}, true
	}
	nothing, err := exec.LookPath("true")
	if err != nil || runtime.GOOS == "windows" {
		return nil, nil, false
	}
	dir, err := os.MkdirTemp("", "safepublish-")
	if err != nil {
		return nil, nil, false
	}
	done = func() { _ = os.RemoveAll(dir) }
	shell := filepath.Join(dir, "sh")
	err = os.WriteFile(shell, []byte("#!"+nothing+"\n"), 0o700) // no link: busybox would look at the name, and be a shell
	if err != nil || exec.CommandContext(ctx, shell, "-c", "exit 1").Run() != nil {
		done() // a folder where nothing may be executed: the next sh on PATH would be taken
		return nil, nil, false
	}
	path := dir + string(os.PathListSeparator) + npmrc.Getenv(env, "PATH")
	return npmrc.WithEnv(env, "PATH="+path, "npm_config_script_shell="+shell), done, true
}

// jsonIn returns the JSON document at the end of what npm printed: up to npm 10
// the names of scripts stand before it.
func jsonIn(out string) string {
	for at := range len(out) {
		if (at == 0 || out[at-1] == '\n') && (out[at] == '[' || out[at] == '{') && gjson.Valid(out[at:]) {
			return out[at:]
		}
	}
	return ""
}

// problemOf returns what npm says of a failure, or where it gives no JSON the first
// line of that; "" where npm did not end by itself.
func problemOf(a answer) string {
	if !a.came {
		return ""
	}
	for _, text := range []string{a.out, a.err} {
		if at := strings.IndexByte(text, '{'); at >= 0 {
			if said := strings.TrimSpace(gjson.Get(text[at:], "error.summary").String()); said != "" {
				return said
			}
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(a.err), "\n")
	return line
}
