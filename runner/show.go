package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy/ledger"
)

// show prints a diagnosis.
func (r *release) show(a attempt, f finding) {
	d := f.diag
	var more []string
	if len(a.applied) > 0 { // one repair often reveals the next wall
		more = append(more, helped(a, f)...)
	}
	more = append(more, prompts.Doubts(d)...)
	if f.early {
		r.ui.Refused(d.Title(), d.Cause.ID, d.Evidence, more...)
	} else {
		r.ui.Diagnosis(d.Title(), d.Cause.ID, d.Sure, r.unseen(f), more...)
	}
	if r.records.pending(target(f.c)) {
		r.say(r.openUpload(f)...)
	}
}

// unseen is the evidence but for what npm has said on the screen above, where that is not
// folded.
func (r *release) unseen(f finding) []classify.Evidence {
	return slices.DeleteFunc(slices.Clone(f.diag.Evidence), func(e classify.Evidence) bool {
		return !r.ui.Folds() && f.result.Seen(e.From)
	})
}

// helped says whether the last repair did. That another wall is met says so only where
// it is the registry's: a script that fails, or npm itself, may stand before the old one.
func helped(a attempt, f finding) []string {
	switch {
	case len(a.met) > 0 && a.met[len(a.met)-1] == f.diag.Cause.ID:
		return []string{"That did not help: the same answer came again."}
	case f.c.Last().Upload.Status() != 0:
		return []string{"That helped; now this is in the way."}
	}
	return nil
}

// sayPublished says that the registry took an upload, and of a staged one what is
// left to do: npm's line above it holds the ID.
func (r *release) sayPublished(name, version, registry string, staged bool) {
	if !staged {
		r.ui.Done(published(name, version, registry))
		return
	}
	r.ui.Done(fmt.Sprintf("%s %s is staged on %s; nobody can install it until it is approved", name, version, npm.Host(registry)))
	r.say(
		"A maintainer with a second factor approves it:",
		r.typedAs("npm", "stage", "list", name, "--registry="+registry),
		r.typedAs("npm", "stage", "approve", "ID", "--registry="+registry))
}

// sayCutShort says what became of the upload of a publish that was ended.
func (r *release) sayCutShort(f finding) {
	switch {
	case r.records.pending(target(f.c)):
		r.say(r.openUpload(f)...)
	case f.failed && f.c.Published() == "yes":
		r.ui.Settled(settled(f), "", f.diag.Evidence)
	}
}

// settled is the headline where the registry has what was sent, although npm did not
// end well.
func settled(f finding) string {
	is := fmt.Sprintf("%s %s is published on %s: ", f.c.Name(), f.c.Version(), npm.Host(f.c.Registry()))
	pressed := f.c.Canceled || f.c.Signal == "interrupt" || f.result.SignalToUs == os.Interrupt
	switch {
	case pressed:
		return is + "your ^C came too late"
	case f.c.Signal != "", f.result.SignalToUs != nil:
		return is + "the signal came too late"
	case f.c.Last().Upload.State == transcript.Open:
		return is + "npm's error above can be ignored"
	}
	return f.diag.Title() + ": nothing to publish"
}

// typedAs is a command on a line of its own, as the person types it.
func (r *release) typedAs(argv ...string) string { return "    " + r.shell.Quote(argv...) }

func published(name, version, registry string) string {
	return fmt.Sprintf("%s %s is on %s", name, version, npm.Host(registry))
}

// openUpload says that an upload may have been sent and nobody knows what became of it,
// names the command that decides, and what its answer means.
func (r *release) openUpload(f finding) []string {
	name, version := f.c.Name(), f.c.Version()
	if version == "" {
		version = "VERSION"
	}
	lines := []string{
		"",
		fmt.Sprintf("It is not known whether %s %s was published: %s.", name, version, howOpen(f.c.Last().Upload)),
		"Run safepublish again to find out; it asks the registry first. Or look yourself:",
	}
	if f.c.Staged() { // nobody can read it before it is approved
		return append(lines, r.typedAs("npm", "stage", "list", name, "--registry="+f.c.Registry()), sameAlone)
	}
	return append(lines,
		r.typedAs("npm", "view", name+"@"+version, "dist.shasum", "--registry="+f.c.Registry()),
		compare(contentsOf(f.c).Shasum, f.c.Registry()), sameAlone)
}

// sameAlone is what may follow an upload that is open.
const sameAlone = "Until then, send only the same version with the same contents."

// howOpen says how far an upload came of which nobody knows what became.
func howOpen(u transcript.Upload) string {
	switch {
	case u.Reached():
		return "the upload was sent, and no answer proves that it was refused"
	case len(u.Failures) > 0:
		return "npm did not reach the registry (" + u.Failures[len(u.Failures)-1] + "), and was trying again when it ended"
	}
	return "npm ended before an answer came, and may have sent it"
}

// compare says what the shasum means that a registry prints for a version, or that it
// prints none. shasum is that of what was sent, "" where it is not known.
func compare(shasum, registry string) string {
	missing := "nothing after ten minutes: most likely not"
	if npm.IsPublic(registry) { // its scan: README, --wait
		missing = "nothing after half an hour: most likely not"
	}
	if len(shasum) < 12 {
		return "If it prints a shasum, this version is published, by you or somebody else; " + missing + "."
	}
	return "If it prints " + shasum[:12] + "…, it is published; another shasum: other contents; " + missing + "."
}

// outputLost says that npm's stdout did not reach ours, and what that does not mean.
func outputLost(err error, published bool) string {
	became := "nothing was published"
	if published {
		became = "the package is published"
	}
	return fmt.Sprintf("npm's stdout could not be passed on (%v); %s.", err, became)
}

// noted says where the record for the next run could not be written.
func (r *release) noted(err error) {
	if err != nil {
		r.say("What the next run in this folder must know could not be recorded: " + err.Error())
	}
}

// stateUnreadable is the last line where what earlier runs left cannot be read, or
// what this one does cannot be noted: whose it is, and the command that mends it.
func stateUnreadable(shell npm.Shell, err error) string {
	const line = "safepublish: state-unreadable: "
	var e *ledger.StateError
	if !errors.As(err, &e) || e.Path == "" {
		return line + err.Error() + "; nothing was sent; type " + shell.With("XDG_STATE_HOME", "DIR", "safepublish …")
	}
	mend := "type " + shell.With("XDG_STATE_HOME", "DIR", "safepublish …") + " to keep it elsewhere"
	owner, others := e.Owner()
	switch {
	case others:
		mend = "to make it yours: sudo chown -R $(id -un) " + shell.Quote(e.Path)
	case errors.Is(e.Err, fs.ErrPermission):
		mend = "to make it readable again: " + shell.MakeReadable(e.Path)
	case e.Doing == "read" || errors.Is(e.Err, syscall.ENOTDIR) || errors.Is(e.Err, syscall.EISDIR) || errors.Is(e.Err, fs.ErrExist):
		mend = "if no upload can be open any more: " + shell.Move(e.Path, e.Path+".old")
	}
	return fmt.Sprintf("%s%s, which is %s's, cannot be %s: %v; nothing was sent; %s", line, e.Path, owner, e.Doing, e.Err, mend)
}

func complaint(err error) string {
	var b strings.Builder
	Complain(&b, err)
	return strings.TrimSuffix(b.String(), "\n")
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
