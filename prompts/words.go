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
	// GoOn stands above the commands that would go on from an end without questions.
	GoOn = "To go on:"
	// NoFailure is what explain says of a log without a failed publish.
	NoFailure = "This log shows no failed publish."
	// notPublish stands before the words of a failure that is no publish's.
	notPublish = "not a publish: "
	// Rehearsal marks what the rehearsal answered in a person's place.
	Rehearsal = "(rehearsal)"
)

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
