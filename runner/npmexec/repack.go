package npmexec

import (
	"context"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// packFlags are the flags of npm publish that decide what is packed.
var packFlags = []string{"workspace", "workspaces", "include-workspace-root"}

// Repack returns what npm publish with these arguments would send of that name and
// version now if no script ran; the zero value where npm does not say. No script
// runs and nothing is written. Packing the same files gives the same bytes from npm 7
// on (pacote, lib/util/tar-create-options.js). An empty name takes what is packed,
// where that is one package.
func (r *Runner) Repack(ctx context.Context, args []string, name, version string) npm.Contents {
	given := npm.Parse(args, r.Major(ctx))
	if len(given.Specs) == 1 {
		if file := r.tarball(given.Specs[0]); file != "" {
			return contentsOf(file)
		}
	}
	env, done, ok := r.scriptless(ctx, npmrc.Without(npmrc.WithEnv(r.Env, carried(r.Args, r.Major(ctx))...), probeDrops...))
	if !ok {
		return npm.Contents{}
	}
	defer done()
	words := append([]string{"pack"}, given.Specs...)
	words = append(words, "--dry-run", "--ignore-scripts", "--foreground-scripts=false", "--json", "--loglevel=error",
		"--no-update-notifier", "--no-progress", "--usage=false")
	for _, key := range packFlags {
		for _, v := range given.Values[key] {
			words = append(words, "--"+key+"="+v)
		}
	}
	a := r.question(ctx, r.Dir, env, words...)
	var found []npm.Contents
	gjson.Parse(jsonIn(a.out)).ForEach(func(_, p gjson.Result) bool { // a list; in npm 12 an object by name
		if a.ok && p.IsObject() && (name == "" || p.Get("name").String() == name && p.Get("version").String() == version) {
			found = append(found, npm.Contents{Shasum: p.Get("shasum").String(), Integrity: p.Get("integrity").String()})
		}
		return true
	})
	if len(found) != 1 {
		return npm.Contents{}
	}
	return found[0]
}

// tarball returns the file that npm is told to publish, "" where it is none.
func (r *Runner) tarball(spec string) string {
	file := npmrc.Resolve(r.Dir, strings.TrimPrefix(spec, "file:"))
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
