package runner

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
	"safepublish/remedy/fault"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// source is what npm publish is pointed at.
type source struct {
	pkg  edit.Package // the folder, tarball or workspaces that the arguments name
	sent edit.Package // the package that is sent: pkg, or the one workspace that is selected of it
}

// load reads what an attempt would publish from disk. The error says what is wrong
// with it, which npm says too; what could be read is returned all the same.
func (r *release) load(ctx context.Context, a attempt) (source, error) {
	pkg, err := r.loadFolder(ctx, a)
	if a.tarball.file == "" || !bytes.Equal(a.tarball.from, pkg.Text) {
		return source{pkg, pkg}, err
	}
	sent, err := edit.Load(r.npm.Dir, []string{a.tarball.file})
	sent.Dir = pkg.Dir
	return source{pkg, sent}, err
}

// loadFolder reads what the arguments name.
func (r *release) loadFolder(ctx context.Context, a attempt) (edit.Package, error) {
	if r.queued != nil {
		one, err := edit.Load(r.queued.folder, nil)
		one.Beside(r.queued.beside)
		return one, err
	}
	pkg, err := edit.Load(r.npm.Dir, a.Args)
	if pkg.Kind == "workspaces" {
		if folder := r.npm.WorkspaceFolder(ctx, a.Args); folder != "" {
			return edit.Load(folder, nil)
		}
	}
	return pkg, err
}

// run is one npm publish that has ended.
type run struct {
	result npmexec.Result
	before source
	after  source // as the package's scripts have left it
	built  bool   // scripts ran before the upload, so that what was packed is known to npm alone
	began  time.Time
}

// manifestChanged tells whether a script gave the package another name or version
// while npm ran.
func (r run) manifestChanged() bool { return identityOf(r.after.sent) != identityOf(r.before.sent) }

// several tells whether npm had more than one package to publish.
func (r run) several() bool { return r.after.sent.Kind == "workspaces" || len(r.result.Packages) > 1 }

// run runs npm publish, and records before it and while it runs what it is about to
// send. Bytes that are known to be those of an earlier upload are sent without
// building them again, and the scripts that follow an upload are run by us.
func (r *release) run(ctx context.Context, a attempt, from source, l *look) (run, error) {
	ran := run{before: from, after: from, built: builds(from.sent, a.Args, r.version), began: time.Now()}
	var scripts []string
	if a.tarball.file != "" && !r.ignoresScripts(ctx, a) {
		scripts = afterUpload(from.pkg)
	}
	if a.same && ran.built {
		a.Args, ran.built = npm.Set(a.Args, "ignore-scripts", "true"), false
		scripts = afterUpload(from.sent)
		r.ui.Note("the package packs to the contents that were sent before, so its scripts do not run again")
	}
	var err error
	ran.result, err = r.start(ctx, a, ran, scripts, l)
	r.guard.taken(ran.result.SignalToUs)
	fault.Point("npm-ended")
	if err != nil {
		return ran, err
	}
	r.output.replace(ran.result.Stdout, ran.result.Lost)
	if now, err := r.load(ctx, a); err == nil {
		ran.after = now
	}
	ran.result.Packages = r.packagesSent(ctx, a, ran)
	return ran, nil
}

// forNPM returns the arguments of npm publish: those that were given, with the tarball
// that another client has packed in place of the package.
func (a attempt) forNPM() []string {
	if a.tarball.file == "" {
		return a.Args
	}
	return npm.SetSpec(npm.Unselected(a.Args), a.tarball.file)
}

// start starts npm publish and waits for its end.
func (r *release) start(ctx context.Context, a attempt, ran run, scripts []string, l *look) (npmexec.Result, error) {
	sent := ran.before.sent
	_, asJSON := npm.Get(a.Args, "json")
	defer r.ui.Group("npm publish")()
	building, b := r.beside(ctx, l)
	how := npmexec.Attempt{
		Args: a.forNPM(), Env: a.Env, Stage: a.Stage,
		HoldStdout: asJSON, AskNobody: r.asksForCodes(a), DryRun: r.dry, Several: sent.Kind == "workspaces",
		OnWaiting: r.besideNPM, OwnRetries: setsRetries(sent),
		Aside: b.aside,
		BeforeStart: func(logs string) error {
			if logs == "" || sent.Kind != "folder" { // nobody sees when the upload begins
				b.sends()
			}
			return r.records.noteStart(ledger.Sending{Name: sent.Name, Version: sent.Version, Logs: logs, Began: ran.began})
		},
	}
	if sent.Kind == "folder" {
		how.Manifest = filepath.Join(sent.Dir, "package.json")
		how.OnUpload = func(manifest []byte) {
			b.sends()
			now := edit.IdentityIn(manifest)
			r.records.noteUpload(now.Name, now.Version)
		}
	}
	result, err := r.npm.Publish(building, how)
	if err == nil && len(scripts) > 0 && result.Last().Upload.State == transcript.Accepted && result.SignalToUs == nil {
		result = r.npm.RunAfter(ctx, how, ran.before.pkg.Dir, result, scripts)
	}
	return result, err
}

// afterUpload are the scripts that npm publish runs after the upload, and that this
// package has.
func afterUpload(pkg edit.Package) []string {
	return slices.DeleteFunc([]string{"publish", "postpublish"}, func(s string) bool { return !slices.Contains(pkg.Scripts, s) })
}

// output is npm's stdout where it is held back: of several attempts only the last
// one's is passed on (with --json each would print a document).
type output struct {
	to   io.Writer
	held *npmexec.Held
	lost error // why it did not reach ours
}

// replace lets go of what an attempt has printed for what the next one has.
func (o *output) replace(held *npmexec.Held, lost error) {
	o.held.Close()
	o.held, o.lost = held, lost
}

// passOn writes what is held, for as long as nobody hurries, and returns why something
// of npm's output did not get there.
func (o *output) passOn(hurried <-chan struct{}) error {
	written := make(chan error, 1)
	go func() {
		_, err := o.held.WriteTo(o.to)
		o.held.Close()
		written <- err
	}()
	select {
	case err := <-written:
		if err != nil && !errors.Is(err, syscall.EPIPE) {
			return err
		}
	case <-hurried:
		return errors.New("nobody read it")
	}
	return o.lost
}
