package prompts

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/kballard/go-shellquote"
)

// What is said in more than one place, so that it can be read in one go: short,
// exact, kind, and never more than is known.

const (
	failed         = "npm publish failed:"
	notTried       = "not published:"
	failedProbably = "npm publish failed. Most likely:"
	willChange     = "Doing this:"

	// WhatNow is the question of every menu of offers.
	WhatNow = "What now?"
	// GiveUp is the title of every menu's last item.
	GiveUp = "Give up"
	// MenuKeys says what the keys at a menu are.
	MenuKeys = "arrows and Enter; Esc gives up"
	// EnterIsOff is said in its place once something else was pressed.
	EnterIsOff = "Enter is off: press an arrow to choose, Esc to give up"
	// number is the question under a menu with numbers.
	number = "Number, or q to give up"
	// oneLine is said of an answer that was pasted with more lines behind it.
	oneLine = "that was more than one line; none of it was taken"
	// unseen is said of an answer with an Esc or an arrow in it, or with worse.
	unseen = "that has invisible characters; type it again, or press ^C to give up"
	// AskingForCode names the step in which --otp-command runs.
	AskingForCode = "asking --otp-command for a one-time password"
	// NextCode says what is waited for where --otp-command printed a used code.
	NextCode = "the next one-time password"
	// SameCode is the end of that.
	SameCode = "--otp-command printed the same one-time password again; each can be used once"
	// NotTried follows where a workspace run stopped at a package that is there.
	NotTried = "npm stopped there: the packages after it were not tried; publish each with -w NAME"
	// Moved says why the same publish is not tried again.
	Moved = "A script of the package changed its name or version while npm ran: publishing again would send something else."
	// Publishing is the title of npm's part of a log.
	Publishing = "npm publish"
	// NextFree is what to do about a version that got lost.
	NextFree = "publish under the next number that is free: safepublish --fix bump=patch"
	// GoOn stands above the commands that would go on from an end without questions.
	GoOn = "To go on:"
	// NothingPublished is the first line of an end without a publish.
	NothingPublished = "Nothing was published."
	// DidNotHelp is said when the same failure follows the same attempt.
	DidNotHelp = "That did not help: the same answer came again."
	// NoFailure is what explain says of a log without a failed publish.
	NoFailure = "This log shows no failed publish."
	// notPublish stands before the words of a failure that is no publish's.
	notPublish = "not a publish: "
	// WasRehearsal ends a rehearsal.
	WasRehearsal = "This was a rehearsal: nothing left this machine; your files and your login are as they were."
	// Played says who answers where there is no terminal.
	Played = "there is no terminal here, so the rehearsal answers its own questions"
	// Rehearsal marks what the rehearsal answered in a person's place.
	Rehearsal = "(rehearsal)"
)

// Helped is said under the headline of the next failure when a repair led to one:
// one repair often reveals the next wall.
const Helped = "That helped; now this stands in the way."

// OpenUpload says that an upload was sent and nobody knows what became of it, and
// names the command that decides, under a blank line. registry is the address that
// npm published to; staged says that it was npm stage publish, which nobody can read.
func OpenUpload(name, version, registry string, staged bool) []string {
	if version == "" {
		version = "VERSION"
	}
	decides := fmt.Sprintf("npm view %s@%s dist.shasum", name, version)
	if staged {
		decides = "npm stage list " + name
	}
	return []string{
		"",
		fmt.Sprintf("It is not known whether %s %s was published: the upload was sent, and no answer proves that it was refused.", name, version),
		"This command decides; it can take some minutes until it shows the version:",
		"    " + decides + " --registry=" + registry,
		"Until then, send only the same version with the same contents.",
	}
}

// AlreadyPublished is the headline where these very bytes are on the registry.
func AlreadyPublished(name, version, registry string) string {
	return fmt.Sprintf("%s %s is already on %s with these very contents: nothing to publish", name, version, Host(registry))
}

// ToBeReadable says what --wait waits for.
func ToBeReadable(name, version, registry string) string {
	return fmt.Sprintf("for %s %s to be readable on %s", name, version, Host(registry))
}

// Readable is the good end of --wait.
func Readable(name, version, registry string) string {
	return fmt.Sprintf("%s %s is published and can be read on %s", name, version, Host(registry))
}

// Processing is the end of --wait where the registry has accepted a version and
// does not show it yet. ended says that a person ended the waiting.
func Processing(name, version, registry string, ended bool) []string {
	first := fmt.Sprintf("%s accepted %s %s and is still processing it. Do not publish it again.", Host(registry), name, version)
	if ended {
		first = "The waiting was ended, not the publish. " + first
	}
	return []string{first, "This shows when it can be read:", fmt.Sprintf("    npm view %s@%s version --registry=%s", name, version, registry)}
}

// PointedAtBy says which dist-tags point at a version that is there.
func PointedAtBy(tags []string) string {
	return "its dist-tags: " + strings.Join(tags, ", ")
}

// NotPointedAtBy stands above the command that adds a dist-tag.
func NotPointedAtBy(tag string) string {
	return "The dist-tag " + tag + " does not point at it. This adds it:"
}

// Published is the good end.
func Published(name, version, registry string) string {
	return fmt.Sprintf("%s %s is on %s", name, version, Host(registry))
}

// Staged is the good end of npm stage publish.
func Staged(name, version, registry string) string {
	return fmt.Sprintf("%s %s is staged on %s; nobody can install it before it is approved", name, version, Host(registry))
}

// Approve says who ends what npm stage publish began. npm's line above it holds the
// ID.
func Approve(name, registry string) []string {
	return []string{
		"A maintainer with a second factor approves it:",
		"    npm stage list " + name + " --registry=" + registry,
		"    npm stage approve ID --registry=" + registry,
	}
}

// NotNeeded says that a --fix was given in vain.
func NotNeeded(fix string) string { return "--fix " + fix + " was not needed." }

// LooksAgain says what the pause before the next question to the registry is for.
func LooksAgain(name, version string) string {
	return fmt.Sprintf("checking again whether %s %s is there", name, version)
}

// Packing names a step: npm pack, to compare.
func Packing(name string) string { return "packing " + name + " to compare it with what was sent" }

// What is said of an earlier run in the same folder that was cut off.
const (
	// Busy is the last line where another safepublish holds the folder.
	Busy = "safepublish: busy: another safepublish is at work with this package; nothing was sent"
	// LeftOver is the last line where edits were left and nobody is asked.
	LeftOver = "safepublish: edit-left: an earlier run was cut off after it had changed files; nothing was sent"
	// LeftWhat is the question about edits that were left.
	LeftWhat = "What about these changes?"
)

// LeftItems are the answers to LeftWhat.
var LeftItems = []Item{{Title: "Keep them, and publish"}, {Title: "Put the files back as they were, then publish"}, {Title: GiveUp}}

// LeftEdits says which files a run that was cut off has changed.
func LeftEdits(names []string) []string {
	return []string{"", "An earlier safepublish in this folder was cut off after it had changed " + strings.Join(names, ", ") + " for a publish that did not happen."}
}

// LeftEditsWayOn says how to go on from there where nobody is asked.
func LeftEditsWayOn(fixes []string) []string {
	lines := []string{"To decide: run safepublish on a terminal, or put the files back yourself."}
	if len(fixes) > 0 {
		lines = append(lines, "To keep the change and publish: safepublish --fix "+fixes[0])
	}
	return lines
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// WasPublished says that an upload whose answer was lost did take effect.
func WasPublished(name, version, registry string, sent time.Time) string {
	return fmt.Sprintf("%s %s is on %s: the upload of %s took effect, though its answer was lost", name, version, Host(registry), moment(sent))
}

// WasNot says how an upload whose answer was lost came to nothing: the version never
// appeared, or (others) what is there was published before it was sent.
func WasNot(name, version, registry string, sent time.Time, others bool) string {
	if others {
		return fmt.Sprintf("%s %s was on %s before the upload of %s: that upload took no effect.", name, version, Host(registry), moment(sent))
	}
	return fmt.Sprintf("%s %s, sent %s, is not on %s more than a day later: that upload took no effect.", name, version, moment(sent), Host(registry))
}

// SameAgain says that an open upload is sent again, and why that is safe.
func SameAgain(name, version string, sent time.Time) string {
	return fmt.Sprintf("%s %s was sent %s and no answer came; these are the same contents, so sending them again cannot publish anything twice.", name, version, moment(sent))
}

// NothingIsBuilt says that bytes which were sent before are sent again as they are.
const NothingIsBuilt = "the package packs to the contents that were sent before: its scripts are not run again"

// WasSent says before a question why something is not simply sent. there tells that
// the registry shows the version.
func WasSent(name, version, registry string, sent time.Time, there bool) []string {
	state := "and the registry does not show it yet"
	if there {
		state = "and the registry shows it with contents that cannot be told from yours"
	}
	return []string{"", fmt.Sprintf("%s %s was sent to %s %s; no answer came, %s.", name, version, Host(registry), moment(sent), state)}
}

// SendOther asks whether something else than what was sent is to be sent.
func SendOther(name, version string) string {
	return strings.TrimSpace(fmt.Sprintf("Publish %s %s as it is here now anyway?", name, version))
}

// NothingToPublish is the headline where this release is on the registry; title is
// the diagnosis.
func NothingToPublish(title string) string { return title + ": nothing to publish" }

// StateUnreadable is the last line where what earlier runs left cannot be read, or
// what this one does cannot be noted: whose it is, and the command that mends it.
func StateUnreadable(path, doing string, err error, owner string, others bool) string {
	line := "safepublish: state-unreadable: "
	if path == "" {
		return line + err.Error() + "; nothing was sent; type XDG_STATE_HOME=DIR safepublish …"
	}
	mend := "type XDG_STATE_HOME=DIR safepublish … to keep it elsewhere"
	name := shellquote.Join(path)
	switch {
	case others:
		mend = "to make it yours: sudo chown -R $(id -un) " + name
	case errors.Is(err, fs.ErrPermission):
		mend = "to make it readable again: chmod -R u+rwX " + name
	case doing == "read" || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, fs.ErrExist):
		mend = "if no upload can be open any more: mv " + name + " " + shellquote.Join(path+".old")
	}
	return fmt.Sprintf("%s%s, which is %s's, cannot be %s: %v; nothing was sent; %s", line, path, owner, doing, err, mend)
}

// OnlyTheSame says why something else than an open upload is not sent, and how to
// go on. record is the file that remembers it.
func OnlyTheSame(name, version, registry string, sent time.Time, record string) []string {
	if version == "" {
		version = "VERSION"
	}
	return []string{
		"",
		fmt.Sprintf("%s %s was sent to %s %s, and it is not known whether it was published: no answer came, and the registry does not show it as it was sent.", name, version, Host(registry), moment(sent)),
		"What is here now is different and is not sent, because both could end up published. Wait and run safepublish again; it asks the registry first. This shows the version once it is there:",
		fmt.Sprintf("    npm view %s@%s dist.shasum --registry=%s", name, version, registry),
		"If you know that it will never appear, delete the note about it:",
		"    rm " + shellquote.Join(record),
	}
}

// StillOpen is the last line where an upload is still open.
func StillOpen(name, version string) string {
	return fmt.Sprintf("safepublish: upload-open: it is not known yet whether %s %s was published; nothing was sent", name, version)
}

// OutputLost says that npm's stdout did not reach ours, and what that does not mean.
func OutputLost(err error, published bool) string {
	end := "nothing was published"
	if published {
		end = "the package is published"
	}
	return fmt.Sprintf("What npm printed on stdout could not be passed on (%v); %s.", err, end)
}

// NotNoted says that the record for the next run could not be written.
func NotNoted(err error) string {
	return "What the next run in this folder should know could not be noted: " + err.Error()
}

// Defect is what is said after a defect of safepublish itself.
func Defect(what any, unknown, published bool) []string {
	end := "nothing was published"
	switch {
	case unknown:
		end = "whether anything was published is not known; run safepublish here again, it looks first"
	case published:
		end = "it was published"
	}
	return []string{fmt.Sprintf("safepublish met a defect of its own (%v): %s.", what, end)}
}

// AttemptsUsed is the end by --max-attempts.
func AttemptsUsed(n int) string {
	return fmt.Sprintf("%d attempts were made; --max-attempts allows no more.", n)
}

// couldBe is a line for Diagnosis: causes that are still possible, by their titles
// or IDs; "" for none.
func couldBe(causes []string) string {
	if len(causes) == 0 {
		return ""
	}
	return "could also be: " + strings.Join(causes, ", ")
}

// ruledOut is a line for Diagnosis: causes that it is not, by their IDs; "" for none.
func ruledOut(causes []string) string {
	if len(causes) == 0 {
		return ""
	}
	return "ruled out: " + strings.Join(causes, ", ")
}

// LastLine is what a run without questions ends with, stable for grep. Print it
// with Bare.
func LastLine(cause, title string) string {
	return fmt.Sprintf("safepublish: %s: %s", cause, title)
}

// Asking names a step: what is asked, and where.
func Asking(registry string) string { return "asking " + Host(registry) }

// Checking names the step of a check.
const Checking = "asking npm and the registry"

// CheckOf is the headline of a check.
func CheckOf(name, version, registry string) string {
	if name == "" {
		name = "this package"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", name, version)) + " to " + Host(registry)
}

// ThereAlready is said before the scripts run where the version is on the
// registry: only the same contents again would be no failure, and what they are is
// not known before.
func ThereAlready(name, version, registry string) string {
	return fmt.Sprintf("%s %s is already on %s: unless npm packs the same contents, the registry will refuse it after the scripts have run.", name, version, Host(registry))
}

// RunTheScripts asks whether the build is worth it.
const RunTheScripts = "Run the scripts anyway?"

// Host returns a registry's name for a sentence: npmjs.org for npm's own, else the
// host, with its port; the address itself where it has none.
func Host(registry string) string {
	u, err := url.Parse(registry)
	if err != nil || u.Host == "" {
		return registry
	}
	if u.Host == "npmjs.org" || strings.HasSuffix(u.Host, ".npmjs.org") {
		return "npmjs.org"
	}
	return u.Host
}

// lead returns what stands between the cross and the headline. A headline that
// says itself what failed, or that the version is published, needs none.
func lead(headline, cause string, sure bool) string {
	switch {
	case cause == "published-script-failed", strings.HasPrefix(headline, "npm publish failed"):
		return ""
	case !sure && !honest(cause):
		return " " + failedProbably
	}
	return " " + failed
}

// honest reports whether the cause's own title says that the reason is not known.
func honest(cause string) bool {
	return cause == "unknown" || strings.HasSuffix(cause, "-unexplained")
}

func waiting(why string, left time.Duration) string {
	return fmt.Sprintf("waiting %s: %s   (^C gives up)", clock(left), why)
}

// NotWaited is said where a rehearsal without a person goes on at once.
func NotWaited(why string, d time.Duration) string {
	return fmt.Sprintf("here safepublish would wait %s: %s", clock(d), why)
}

func clock(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	if s >= 60 {
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	return fmt.Sprintf("%d s", s)
}

// confirmation returns a question with what is to be typed after it.
func confirmation(question, want string) string {
	if want == "y" {
		return question + " [y/N] "
	}
	return fmt.Sprintf("%s Type %s to go on: ", question, want)
}

// MoreIn names the page of a cause.
func MoreIn(cause string) string {
	return "more: safepublish explain " + cause
}

// RehearsalOf is the first line of a rehearsal: which wall is played, and by which npm.
func RehearsalOf(title, npm string) string {
	return fmt.Sprintf("Rehearsal with npm %s against a registry on 127.0.0.1: %s.", npm, title)
}

// CodeOfRehearsal says which one-time password the embedded registry takes.
func CodeOfRehearsal(otp string) string { return "the one-time password of this rehearsal is " + otp }
