package prompts

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// What is said in more than one place, so that it can be read in one go: short,
// exact, kind, and never more than is known.

const (
	failed         = "npm publish failed:"
	failedProbably = "npm publish failed, probably:"
	willChange     = "This happens now:"

	// WhatNow is the question of every menu of offers.
	WhatNow = "What now?"
	// GiveUp is the title of every menu's last item.
	GiveUp = "Give up"
	// NotTried follows where a workspace run stopped at a package that is there.
	NotTried = "npm stopped there: the packages after it were not tried; publish each with -w NAME"
	// Moved says why the same publish is not tried again.
	Moved = "A script of the package changed its name or version while npm ran: publishing again would send another one."
	// GoOn stands above the commands that would go on from an end without questions.
	GoOn = "To go on:"
	// NothingPublished is the first line of an end without a publish.
	NothingPublished = "Nothing was published."
	// DidNotHelp is said when the same failure follows the same attempt.
	DidNotHelp = "That did not help: the same answer came again."
	// NoFailure is what explain says of a log without a failed publish.
	NoFailure = "This log shows no failed publish."
	// WasRehearsal ends a rehearsal.
	WasRehearsal = "This was a rehearsal: nothing left this machine, your files and your login are as they were."
	// Played says who answers where there is no terminal.
	Played = "there is no terminal here, so that the rehearsal answers its own questions"
	// Rehearsal marks what the rehearsal answered in a person's place.
	Rehearsal = "(rehearsal)"
)

// Helped is said under the headline of the next failure when a repair led to one:
// one repair often reveals the next wall.
const Helped = "That helped; now this stands in the way."

// OpenUpload says that an upload was sent and nobody knows what became of it, and
// names the command that decides, under a blank line. registry is the address that
// npm published to.
func OpenUpload(name, version, registry string) []string {
	if version == "" {
		version = "VERSION"
	}
	return []string{
		"",
		fmt.Sprintf("It is not known whether %s %s was published: the upload was sent, and no answer proves that it was refused.", name, version),
		"This decides, and may need some minutes to say yes:",
		fmt.Sprintf("    npm view %s@%s dist.shasum --registry=%s", name, version, registry),
		"Until then send only the same version with the same contents again.",
	}
}

// AlreadyPublished is the headline where these very bytes are on the registry.
func AlreadyPublished(name, version, registry string) string {
	return fmt.Sprintf("%s %s is already on %s with these very contents: nothing to publish", name, version, Host(registry))
}

// Published is the good end.
func Published(name, version, registry string) string {
	return fmt.Sprintf("%s %s is on %s", name, version, Host(registry))
}

// NotNeeded says that a --fix was given in vain.
func NotNeeded(fix string) string { return "--fix " + fix + " was not needed." }

// AttemptsUsed is the end by --max-attempts.
func AttemptsUsed(n int) string {
	return fmt.Sprintf("%d attempts were made; --max-attempts allows no more.", n)
}

// CouldBe is a line for Diagnosis: causes that are still possible, by their titles
// or IDs; "" for none.
func CouldBe(causes []string) string {
	if len(causes) == 0 {
		return ""
	}
	return "could also be: " + strings.Join(causes, ", ")
}

// LastLine is what a run without questions ends with, stable for grep. Print it
// with Bare.
func LastLine(cause, title string) string {
	return fmt.Sprintf("safepublish: %s: %s", cause, title)
}

// Asking names a step: what is asked, and where.
func Asking(registry string) string { return "asking " + Host(registry) }

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
