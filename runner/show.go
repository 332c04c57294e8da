package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"safepublish/classify/npm"
	"safepublish/prompts"
	"safepublish/remedy/ledger"
)

// show prints a diagnosis.
func (r *release) show(a attempt, f finding) {
	d := f.diag
	var more []string
	if len(a.applied) > 0 { // one repair often reveals the next wall
		if len(a.met) > 0 && a.met[len(a.met)-1] == d.Cause.ID {
			more = append(more, "That did not help: the same answer came again.")
		} else {
			more = append(more, "That helped; now this stands in the way.")
		}
	}
	more = append(more, prompts.Doubts(d)...)
	if f.early {
		r.ui.Refused(d.Title(), d.Cause.ID, d.Evidence, more...)
	} else {
		r.ui.Diagnosis(d.Title(), d.Cause.ID, d.Sure, d.Evidence, more...)
	}
	if r.records.pending(target(f.c)) {
		r.say(openUpload(f)...)
	}
}

// sayPublished says that the registry took an upload, and of a staged one what is
// left to do: npm's line above it holds the ID.
func (r *release) sayPublished(name, version, registry string, staged bool) {
	if !staged {
		r.ui.Done(published(name, version, registry))
		return
	}
	r.ui.Done(fmt.Sprintf("%s %s is staged on %s; nobody can install it before it is approved", name, version, npm.Host(registry)))
	r.say(
		"A maintainer with a second factor approves it:",
		"    npm stage list "+name+" --registry="+registry,
		"    npm stage approve ID --registry="+registry)
}

// sayCutShort says what became of the upload of a publish that was ended.
func (r *release) sayCutShort(f finding) {
	switch {
	case r.records.pending(target(f.c)):
		r.say(openUpload(f)...)
	case f.failed && f.c.Published() == "yes":
		r.ui.Settled(published(f.c.Name(), f.c.Version(), f.c.Registry()), "", f.diag.Evidence)
	}
}

func published(name, version, registry string) string {
	return fmt.Sprintf("%s %s is on %s", name, version, npm.Host(registry))
}

// openUpload says that an upload was sent and nobody knows what became of it, and
// names the command that decides.
func openUpload(f finding) []string {
	name, version := f.c.Name(), f.c.Version()
	if version == "" {
		version = "VERSION"
	}
	decides := fmt.Sprintf("npm view %s@%s dist.shasum", name, version)
	if f.c.Staged() { // nobody can read it before it is approved
		decides = "npm stage list " + name
	}
	return []string{
		"",
		fmt.Sprintf("It is not known whether %s %s was published: the upload was sent, and no answer proves that it was refused.", name, version),
		"This command decides; it can take some minutes until it shows the version:",
		"    " + decides + " --registry=" + f.c.Registry(),
		"Until then, send only the same version with the same contents.",
	}
}

// outputLost says that npm's stdout did not reach ours, and what that does not mean.
func outputLost(err error, published bool) string {
	became := "nothing was published"
	if published {
		became = "the package is published"
	}
	return fmt.Sprintf("What npm printed on stdout could not be passed on (%v); %s.", err, became)
}

// notNoted says that the record for the next run could not be written.
func notNoted(err error) string {
	return "What the next run in this folder should know could not be noted: " + err.Error()
}

// stateUnreadable is the last line where what earlier runs left cannot be read, or
// what this one does cannot be noted: whose it is, and the command that mends it.
func stateUnreadable(err error) string {
	const line = "safepublish: state-unreadable: "
	var e *ledger.StateError
	if !errors.As(err, &e) || e.Path == "" {
		return line + err.Error() + "; nothing was sent; type XDG_STATE_HOME=DIR safepublish …"
	}
	mend := "type XDG_STATE_HOME=DIR safepublish … to keep it elsewhere"
	owner, others := e.Owner()
	name := npm.Quote(e.Path)
	switch {
	case others:
		mend = "to make it yours: sudo chown -R $(id -un) " + name
	case errors.Is(e.Err, fs.ErrPermission):
		mend = "to make it readable again: chmod -R u+rwX " + name
	case e.Doing == "read" || errors.Is(e.Err, syscall.ENOTDIR) || errors.Is(e.Err, syscall.EISDIR) || errors.Is(e.Err, fs.ErrExist):
		mend = "if no upload can be open any more: mv " + name + " " + npm.Quote(e.Path+".old")
	}
	return fmt.Sprintf("%s%s, which is %s's, cannot be %s: %v; nothing was sent; %s", line, e.Path, owner, e.Doing, e.Err, mend)
}

func complaint(err error) string {
	var b strings.Builder
	Complain(&b, err)
	return strings.TrimSuffix(b.String(), "\n")
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

func codeOfRehearsal(otp string) string { return "the one-time password of this rehearsal is " + otp }
