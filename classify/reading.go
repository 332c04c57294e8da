package classify

import (
	"slices"
	"strconv"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// What the rows of the table ask of a run, beyond its code and its words.

var (
	codeStatus = pattern.New(`^E([45]\d\d)$`)
	ofAGet     = pattern.New(`(?m)^\d{3} .* - GET `)
	scriptCode = pattern.New(`^\d{1,3}$`)
)

// longest bounds the message that the rows are matched against. npm 12 prints a
// registry's whole JSON answer where it knows no better, and the words that tell
// causes apart stand at the beginning.
const longest = 16 << 10

// said returns npm's error message, one line under the other.
func (c *Case) said() string {
	var text strings.Builder
	for _, l := range c.Message {
		if transcript.Quotes(l.Text) {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(l.Text[:min(len(l.Text), longest-text.Len())])
		if text.Len() >= longest-1 {
			break
		}
	}
	return text.String()
}

// status returns the HTTP status that the upload ended with, from the log, else
// from npm's code; 0 if there was none. An E404 that npm got to a GET is not the
// upload's (npm 9 and older read the packument after a 409).
func (c *Case) status() int {
	if s := c.Last().Upload.Status(); s != 0 {
		return s
	}
	if c.Code == "EOTP" {
		return 401
	}
	m := codeStatus.FindStringSubmatch(c.Code)
	if m == nil || ofAGet.MatchString(c.said()) {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// answered is npm's line about the answer to an upload: the status, its phrase, and
// the registry's own words, where it has any.
var answered = pattern.New(`(?m)^(?:E?\d{3} )*(4\d\d) ([^\n]*?) - (?:PUT|POST) \S+(?: - ([^\n]+))?$`)

// inJSON is the sentence in an answer that npm 12 prints as it stands.
var inJSON = pattern.New(`"(?:message|detail|reason|title)":\s*"([^"]{8,})"`)

// reason returns the sentence by which the registry refused the upload, "" where it
// said nothing that tells more than its status does: one word, or the status again.
func (c *Case) reason() string {
	m := answered.FindStringSubmatch(c.said())
	if m == nil {
		return ""
	}
	phrase, words := m[2], strings.TrimSpace(m[3])
	if _, more, found := strings.Cut(phrase, " - "); found { // Azure Artifacts says it in the phrase
		words = more
	}
	if sentence := inJSON.FindStringSubmatch(words); sentence != nil {
		words = sentence[1]
	}
	words = strings.TrimPrefix(words, m[1]+" ")
	if strings.EqualFold(words, phrase) || !strings.Contains(words, " ") || strings.HasPrefix(words, "[object ") {
		return ""
	}
	return cut(words)
}

// givesReason tells whether the registry's own sentence is the best that there is to
// say. A 401 or a 404 says little: what is behind them, their tables find out.
func (c *Case) givesReason() bool {
	return c.status() != 401 && c.status() != 404 && c.reason() != ""
}

func (c *Case) upload() transcript.State { return c.Last().Upload.State }

// line returns the first of npm's own lines at that level that fits.
func (c *Case) line(level string, fits *pattern.Pattern) (transcript.Line, bool) {
	i := slices.IndexFunc(c.Lines, func(l transcript.Line) bool {
		return (level == "" || l.Level == level) && fits.MatchString(l.Text)
	})
	if i < 0 {
		return transcript.Line{}, false
	}
	return c.Lines[i], true
}

// scriptFailed tells whether npm ended because a lifecycle script did: the
// script's status is npm's code (7 and later), or ELIFECYCLE (npm 6).
func (c *Case) scriptFailed() bool {
	return c.Code == "ELIFECYCLE" || scriptCode.MatchString(c.Code) && !c.gitFailed()
}

// gitCommand is how npm reports the git that it ran for a package that it took for
// a repository: "packages/demo" is one on GitHub (npm 12, @npmcli/git, errors.js;
// npm-package-arg). Its status stands where a script's would; npm 12 refuses with EALLOWGIT instead.
var gitCommand = pattern.New(`(?m)^command git `)

func (c *Case) gitFailed() bool { return gitCommand.MatchString(c.said()) }

// otherCommand tells whether the log is that of another command than publish: npm
// logs nothing of a command it does not know but its name.
func (c *Case) otherCommand() bool {
	word, _, _ := strings.Cut(c.Command, " ")
	known := strings.HasPrefix("publish", word) || word == "stage" && c.By().Has(npm.Stage)
	return c.HasLog && c.Command != "" && !known && len(c.Message) == 0 && len(c.Packages) == 0
}

// dropped tells whether npm ended well although nothing answered its upload.
func (c *Case) dropped() bool {
	return c.Exit == 0 && !c.Failed && (c.upload() == transcript.Open || c.Unproven)
}

// shownLate tells whether the registry is the public one, which sends no upload
// elsewhere, and shows a version some minutes after it has taken it: npm that logs no
// answer, because its body came after its head (npm 8.19.4 to 12.2.0, measured), has
// most likely published.
func (c *Case) shownLate() bool { return npm.IsPublic(c.Registry()) }

func (c *Case) unanswered() bool {
	return c.Prompted && c.Exit < 0 && c.upload() != transcript.Accepted
}

// challenged tells whether the registry asked for a second factor. Code and words
// are EOTP's, except where npm's own wait for the browser failed: then the code is
// that of the failure (npm 8 without xdg-open: ENOENT).
func (c *Case) challenged() bool {
	if c.Code == "EOTP" || saysOneTime.MatchString(c.said()) {
		return true
	}
	return c.unanswered() || c.status() == 401 && (c.Prompted || c.AuthURL != "" || saysWaiting.MatchString(c.said()))
}

// refusedTwice tells whether the upload was sent again after npm's question and
// refused again.
func (c *Case) refusedTwice() bool {
	n := 0
	for _, s := range c.Last().Upload.Statuses {
		if s == 401 {
			n++
		}
	}
	return n > 1
}

var argvOTP = pattern.New(`^argv .*"--otp`)

// codeGiven tells whether a one-time password went with the upload: the caller
// says so, npm's log says so in its arguments, or npm asked on the terminal and
// sent the upload again.
func (c *Case) codeGiven() bool {
	_, inArgv := c.line("verbose", argvOTP)
	return c.Attempt.OTP || inArgv || c.Attempt.Terminal && c.Prompted && c.refusedTwice()
}

// packed returns what npm says that it packed.
func (c *Case) packed() npm.Contents {
	return c.Last().Contents()
}

// SameBytes tells whether the registry holds this release: the bytes that this run
// packed or an earlier attempt sent, or a version from this very commit. Where npm
// did not say what it packed, the same pack made again is a witness of one side:
// equal is equal, but a script may have built other bytes.
func (c *Case) SameBytes() Answer {
	there := c.Answers.RemoteVersion
	if there.Found != Yes {
		return Unknown
	}
	if c.sentEarlier() || c.sameCommit() {
		return Yes
	}
	same, known := c.packed().Same(there.Contents())
	if !c.packed().Known() {
		same, known = c.Package.Packed.Contents.Same(there.Contents())
		known = known && (same || !c.Package.Built)
	}
	if !known || !same && c.Attempt.Doubt {
		return Unknown
	}
	return yesIf(same)
}

// sentEarlier tells whether the registry holds what an earlier attempt sent, and
// this run did not pack.
func (c *Case) sentEarlier() bool {
	there := c.Answers.RemoteVersion.Contents()
	return !c.packed().Is(there) && slices.ContainsFunc(c.Attempt.Sent, there.Is)
}

// sameCommit tells whether the version was published from the commit that is
// checked out here, with nothing changed since: a CI that builds again on a fresh
// machine may pack other bytes of it. npm notes the commit of what it publishes from
// a folder (read-package-json-fast, npm 6 to 12: gitHead).
func (c *Case) sameCommit() bool {
	return c.Package.Head != "" && c.Package.Head == c.Answers.RemoteVersion.GitHead
}

// versionThere tells whether the registry shows this version at all.
func (c *Case) versionThere() Answer {
	p := c.Answers.Packument
	switch {
	case c.Answers.RemoteVersion.Found == Yes || slices.Contains(p.Versions, c.Version()):
		return Yes
	case c.Answers.RemoteVersion.Found == No || p.Found != Unknown:
		return No
	}
	return Unknown
}

// MayWrite tells whether this account may write the package: by the list of those
// who may, else by its maintainers. That somebody is not among the maintainers says
// it on npmjs.org alone, and there not in a scope, where a member of a team need not
// be listed; a Verdaccio goes by its configuration.
func (c *Case) MayWrite() Answer {
	f := c.Answers
	switch {
	case f.MayWrite != Unknown:
		return f.MayWrite
	case f.Identity.Known != Yes || f.Identity.User == "" || len(f.Packument.Maintainers) == 0:
		return Unknown
	}
	listed := slices.Contains(f.Packument.Maintainers, f.Identity.User)
	if !listed && (c.Scope() != "" || !npm.IsPublic(c.Registry())) {
		return Unknown
	}
	return yesIf(listed)
}

// Published answers whether the version of this run is on the registry with the
// bytes of this run: "yes", "no", or "unknown" while its upload is open.
func (c *Case) Published() string {
	switch state := c.Last().Upload.State; {
	case state == transcript.Accepted, c.SameBytes() == Yes:
		return "yes"
	case c.Attempt.Doubt, state == transcript.Open && c.SameBytes() == Unknown:
		return "unknown"
	}
	return "no"
}

// ToldThere tells that the answer to the first upload, or npm's own check before it,
// was that the version is there: so it was there before.
func (c *Case) ToldThere() bool {
	state := c.Last().Upload.State
	return (state == transcript.Refused || state == transcript.NotSent) && saysExists.MatchString(c.said()) && !saysBurnt.MatchString(c.said())
}
