package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
	"safepublish/runner/npmrc"
)

// tarball is what another client than npm has packed, for npm to publish. The zero value
// is none.
type tarball struct {
	dir  string // ours alone, removed at the end
	file string
	from []byte // the package.json that it was packed from
}

// pack packs the package with the client of --pack-with, so that what npm cannot read
// (workspace:, catalog:) is published as that client means it. The tarball is made again
// only where package.json is another one since. npm runs no script for a tarball: what it
// runs before it packs is run here, and what it runs after the upload after it. One that
// is private is left to npm, which refuses it where it sees that.
func (r *release) pack(ctx context.Context, a attempt, folder edit.Package) (attempt, *end) {
	if r.opt.PackWith == "" || folder.Kind != "folder" || a.tarball.file != "" && bytes.Equal(a.tarball.from, folder.Text) {
		return a, nil
	}
	scripts := !r.ignoresScripts(ctx, a)
	if scripts && slices.Contains(folder.Scripts, "prepublishOnly") {
		if stop := r.runIn(ctx, folder.Dir, []string{"npm", "run", "--ignore-scripts", "prepublishOnly"}); stop != nil {
			return a, stop
		}
		folder, _ = edit.Load(folder.Dir, nil) // the script may have written it
	}
	a.tarball.remove()
	if a.tarball = (tarball{}); folder.Private {
		return a, nil
	}
	if !scripts && r.opt.PackWith == "yarn" && slices.ContainsFunc(folder.Scripts, npmexec.RunByYarnPack) {
		stop := r.notPacked("yarn pack runs the scripts of the package, but npm is set to run none", "bad-usage")
		stop.status = classify.ExitUsage
		return a, stop
	}
	dir, err := os.MkdirTemp("", "safepublish-pack-")
	if err != nil {
		return a, r.notRecorded(fmt.Errorf("making a folder for the tarball: %w", err))
	}
	a.tarball = tarball{dir: dir}
	argv := r.npm.PackCommand(ctx, r.opt.PackWith, folder.Dir, dir, scripts)
	if stop := r.runIn(ctx, folder.Dir, argv); stop != nil {
		return a, stop
	}
	made, _ := filepath.Glob(filepath.Join(a.tarball.dir, "*.tgz"))
	if len(made) != 1 {
		return a, r.notPacked(fmt.Sprintf("%s made %d tarballs, not one", r.shell.Quote(argv...), len(made)), "manifest-invalid")
	}
	a.tarball.file, a.tarball.from = made[0], folder.Text
	return a, r.checkPacked(made, folder)
}

// checkPacked ends where the tarball that a client has made of a folder cannot be what
// is meant.
func (r *release) checkPacked(made []string, folder edit.Package) *end {
	sent, err := edit.Load(r.npm.Dir, made)
	now, _ := edit.Load(folder.Dir, nil)
	switch unresolved, other := preflight.Unresolved(sent.Text), otherThan(sent, folder, now); {
	case err != nil:
		return r.notPacked(fmt.Sprintf("the tarball that %s made cannot be read: %v", r.opt.PackWith, err), "manifest-invalid")
	case other != "":
		return r.notPacked(fmt.Sprintf("the tarball that %s made has %s; package.json has another", r.opt.PackWith, other), "manifest-invalid")
	case unresolved != "" && !r.opt.NoCheck:
		return r.notPacked(r.opt.PackWith+" has left "+unresolved+" in the package, so nobody could install it", "unresolved-protocol")
	}
	return nil
}

// otherThan returns what a tarball would be published as, to or for that package.json has
// neither before it was packed nor after it: "the name evil". A client may pack another
// folder (publishConfig.directory of pnpm's), with a package.json of its own. A version
// may be a script's.
func otherThan(sent edit.Package, before, after edit.Package) string {
	if sent.Name != before.Name && sent.Name != after.Name {
		return "the name " + sent.Name
	}
	for key, meant := range before.Config {
		aims := slices.Contains([]string{"access", "tag", "registry"}, key) || strings.HasSuffix(key, ":registry")
		if got := sent.Config[key]; aims && got != meant && got != after.Config[key] {
			return fmt.Sprintf("%q as publishConfig.%s", got, key)
		}
	}
	return ""
}

// remove takes the tarball's folder away.
func (t tarball) remove() {
	if t.dir != "" {
		_ = os.RemoveAll(t.dir) // it lies where the system cleans up
	}
}

// ignoresScripts tells whether npm is set to run no script of the package.
func (r *release) ignoresScripts(ctx context.Context, a attempt) bool {
	return r.npm.Config(ctx, a.Args)["ignore-scripts"] == "true"
}

// runIn runs a command in a folder, on the person's terminal. The end is nil where it
// went well.
func (r *release) runIn(ctx context.Context, dir string, argv []string) *end {
	line := r.shell.Quote(argv...)
	r.ui.Note("running " + line)
	status, err := r.npm.Interactive(ctx, dir, argv, nil)
	switch {
	case ctx.Err() != nil:
		return r.interrupted()
	case err != nil:
		return r.notPacked(err.Error(), "script-failed")
	case status > 128:
		return r.interrupted()
	case status != 0:
		stop := r.notPacked(fmt.Sprintf("%s failed with status %d", line, status), "script-failed")
		stop.status = status
		return stop
	}
	return nil
}

// notPacked ends where there is no tarball to publish.
func (r *release) notPacked(why, cause string) *end {
	r.ui.Refused(why, cause, []classify.Evidence{{From: "--pack-with", Text: "nothing was sent"}})
	return &end{status: classify.ExitData, cause: cause, line: r.lastLine(cause, why)}
}

// checkPackWith refuses a --pack-with that is no client, that is not here, or that has
// nothing to pack.
func (r *release) checkPackWith(pkg edit.Package) error {
	client := r.opt.PackWith
	switch {
	case client == "":
		return nil
	case !slices.Contains(npm.Packers, client):
		return &npm.UsageError{Problem: "--pack-with takes pnpm, yarn or bun, not " + client}
	case pkg.Kind == "tarball" || pkg.Kind == "remote":
		return &npm.UsageError{Problem: "--pack-with packs a folder; the tarball is packed already", Instead: "leave it out"}
	}
	if _, err := npmexec.Find(npmrc.Getenv(r.npm.Env, "PATH"), client); err != nil {
		return &npm.UsageError{Problem: "--pack-with " + client + ": " + client + " is not on PATH", Instead: "install it"}
	}
	return nil
}
