package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

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
// runs before it packs is run here, and what it runs after the upload after it.
func (r *release) pack(ctx context.Context, a attempt, folder edit.Package) (attempt, *end) {
	if r.opt.PackWith == "" || folder.Kind != "folder" || a.tarball.file != "" && bytes.Equal(a.tarball.from, folder.Text) {
		return a, nil
	}
	if !r.ignoresScripts(ctx, a) && slices.Contains(folder.Scripts, "prepublishOnly") {
		if stop := r.runIn(ctx, folder.Dir, []string{"npm", "run", "--ignore-scripts", "prepublishOnly"}); stop != nil {
			return a, stop
		}
		folder, _ = edit.Load(folder.Dir, nil) // the script may have written it
	}
	a.tarball.remove()
	dir, err := os.MkdirTemp("", "safepublish-pack-")
	if err != nil {
		return a, r.notRecorded(fmt.Errorf("making a folder for the tarball: %w", err))
	}
	a.tarball = tarball{dir: dir}
	argv := r.npm.PackCommand(ctx, r.opt.PackWith, folder.Dir, dir)
	if stop := r.runIn(ctx, folder.Dir, argv); stop != nil {
		return a, stop
	}
	made, _ := filepath.Glob(filepath.Join(a.tarball.dir, "*.tgz"))
	if len(made) != 1 {
		return a, r.notPacked(npm.Quote(argv...)+" made no tarball", "manifest-invalid")
	}
	a.tarball.file, a.tarball.from = made[0], folder.Text
	sent, err := edit.Load(r.npm.Dir, made)
	switch unresolved := preflight.Unresolved(sent.Text); {
	case err != nil:
		return a, r.notPacked(fmt.Sprintf("the tarball that %s made cannot be read: %v", r.opt.PackWith, err), "manifest-invalid")
	case unresolved != "" && !r.opt.NoCheck:
		return a, r.notPacked(r.opt.PackWith+" has left "+unresolved+" in the package, and nobody could install it", "unresolved-protocol")
	}
	return a, nil
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
	line := npm.Quote(argv...)
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
	case !slices.Contains(npmexec.Clients, client):
		return &npm.UsageError{Problem: "--pack-with takes pnpm, yarn or bun, not " + client}
	case pkg.Kind == "tarball" || pkg.Kind == "remote":
		return &npm.UsageError{Problem: "--pack-with packs a folder; the tarball is packed already", Instead: "leave it out"}
	}
	if _, err := npmexec.Find(npmrc.Getenv(r.npm.Env, "PATH"), client); err != nil {
		return &npm.UsageError{Problem: "--pack-with " + client + ": " + client + " is not on PATH", Instead: "install it"}
	}
	return nil
}
