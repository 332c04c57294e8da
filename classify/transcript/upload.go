package transcript

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// What became of an upload, in order of precedence:
//
//	a dry run                                                   NotSent
//	the log shows a 2xx, in any round                           Accepted
//	npm was killed at its question for a one-time password      by the rounds before
//	npm was killed in the pause between two tries               by the rounds before
//	npm was killed after "Publishing to", or the text just ends Open
//	a round of the log that is Open                             Open
//	a round of the log that is Refused                          Refused
//	only rounds of the log that are NotSent                     NotSent
//	a good end, and no answer in the log                        Open
//	no answer in the log, or no log: by what npm said           see saidState
//
// A round is one upload with its repetitions; a second factor makes two rounds,
// and so does the 409 of npm 9 and older (GET ?write=true, then PUT again). Of a
// round
//
//	a 4xx, all attempts before it known to be harmless          Refused
//	a 4xx after an attempt that is unknown, lost or a 5xx       Open
//	a 3xx or 5xx                                                Open
//	only failures, each before anything was sent                NotSent
//	any other failure                                           Open
//
// where harmless is a 4xx but 408 and 499 (420 and 429, which npm repeats) or a failure
// before anything was sent. A 408 is said by what stands between as well, of a
// registry that was too slow to answer, and so is 499 (nginx), of one that was not
// waited for. npm 10 and later log each attempt that failed
// (make-fetch-happen 14, lib/remote.js:94); npm 9 and older only say "attempt #2"
// with the last answer, so that what came before is unknown.

// attempt is one PUT or POST of the log: its number within the round, and the
// status that answered it or what it failed with ("ECONNRESET", "502").
type attempt struct {
	n      int
	status int
	failed string
}

// unsent are the failures by which nothing can have reached the registry: no
// address, no connection, or no trust in who answered (the request follows the
// TLS handshake).
var unsent = pattern.New(`^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ERR_INVALID_(?:URL|PROTOCOL)|DEPTH_ZERO_SELF_SIGNED_CERT|` +
	`SELF_SIGNED_CERT_IN_CHAIN|` +
	`UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID)$`)

func (a attempt) harmless() bool {
	status := a.status
	if status == 0 {
		status = number(a.failed)
	}
	return status/100 == 4 && status != 408 && status != 499 || unsent.MatchString(a.failed)
}

// rounds parts the attempts behind each answer: npm logs one only when it takes
// it as the last ("attempt 3 failed with 503", then "503 … attempt #3").
func rounds(attempts []attempt) [][]attempt {
	var out [][]attempt
	for i, a := range attempts {
		if i == 0 || a.n < attempts[i-1].n || attempts[i-1].failed == "" {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], a)
	}
	return out
}

func roundState(round []attempt) State {
	last := round[len(round)-1]
	before := map[int]bool{}
	harmless := true
	for _, a := range round {
		harmless = harmless && (a.harmless() || a.status/100 == 2)
		before[a.n] = true
	}
	switch {
	case last.status/100 == 2:
		return Accepted
	case !harmless || len(before) < last.n:
		return Open
	case last.status == 0 && !slices.ContainsFunc(round, func(a attempt) bool { return !unsent.MatchString(a.failed) }):
		return NotSent
	}
	return Refused
}

// attemptsState judges all rounds of one upload.
func attemptsState(attempts []attempt, killed bool) State {
	var seen []State
	for _, r := range rounds(attempts) {
		seen = append(seen, roundState(r))
	}
	switch {
	case slices.Contains(seen, Accepted):
		return Accepted
	case killed || slices.Contains(seen, Open):
		return Open
	case slices.Contains(seen, Refused):
		return Refused
	}
	return NotSent
}

var (
	lineBroke = pattern.New(`^(?:E(?:CONN|(?:SOCKET)?TIMEDOUT|PIPE|PROTO|HOST|NET)|ERR_(?:SOCKET|STREAM|HTTP|SSL|TLS)|` +
		`FETCH_ERROR|HPE_|UND_|Z_)`)
	lineSaid = pattern.New(`(?:request to \S+ failed|network timeout at|socket hang up)`)
	httpCode = pattern.New(`^E([1-5]\d\d)$`)
	// local are the codes of what npm checks itself between "Publishing to" and the
	// upload (libnpmpublish, publish.js)
	local = pattern.New(`^(?:|EPRIVATE|EUNSCOPED|EUSAGE|EBADSEMVER|ENEEDAUTH|EINVALID\w*|ENOENT)$`)
	// signing are those of a statement that could not be made: its words may speak of a
	// connection, which is one to the signing services
	signing   = pattern.New(`^(?:CA|TLOG|TSA|IDENTITY_TOKEN|SIGSTORE)_\w+$`)
	afterSent = pattern.New(`Failed at the \S+ (?:post)?publish script|lifecycle "(?:post)?publish" errored in `)
)

// saidState judges by npm's own words where no log shows an answer. Of a 403 or a
// 409 it cannot tell whether it came to the first attempt, and of a 408, 420 or
// 429 it is known that npm repeated it, so these are Open.
//
//nolint:cyclop // one table, its rows by precedence
func (t *Transcript) saidState(p *parcel) State {
	text := said(t.Message)
	m := httpSaid.FindStringSubmatch(text)
	switch {
	case t.Code == "EOTP":
		return Refused
	case m != nil && (m[2] != "GET" || strings.Contains(m[3], "?write=true")):
		return statusState(number(m[1]), m[2])
	case m != nil && strings.Contains(m[3], "/-/v1/done"):
		return Refused // the browser's address of a second factor: the upload itself got 401
	case m != nil:
		return NotSent
	case t.Code == "E401" || t.Code == "EAUTHIP":
		return Refused
	case unsent.MatchString(t.Code), signing.MatchString(t.Code):
		return NotSent
	case lineBroke.MatchString(t.Code) || lineSaid.MatchString(text):
		return Open
	case afterSent.MatchString(text), scriptFailed(t.Code) && (p.sending || t.runsAfterwards()):
		return Accepted // only the publish and postpublish scripts run after the notice
	case t.Code == "EPUBLISHCONFLICT":
		return Open
	case httpCode.MatchString(t.Code):
		return statusState(number(t.Code[1:]), "PUT")
	case len(t.Message) > 0 && !t.Canceled && local.MatchString(t.Code):
		return NotSent
	case t.Prompted:
		return Refused
	case p.sending || t.maybeSent(p): // npm 6 fails to write to its cache after a PUT that got 201
		return Open
	}
	return NotSent
}

// runsAfterwards tells that the script that npm announced last is one that it runs after
// the upload. Of a run of ours that proves nothing: any script can print such a line.
func (t *Transcript) runsAfterwards() bool {
	return !t.ours.Run && (t.event == "publish" || t.event == "postpublish")
}

func statusState(status int, method string) State {
	repeated := []int{403, 408, 409, 420, 429, 499}
	switch {
	case method == "GET": // npm 9 and older, after a 409
		return Open
	case method == "POST" && status/100 == 4 && status != 408 && status != 499: // npm never repeats a POST
		return Refused
	case status/100 == 4 && !slices.Contains(repeated, status):
		return Refused
	}
	return Open
}

func scriptFailed(code string) bool { return number(code) > 0 }

// maybeSent holds for npm 6, which has no "Publishing to": its upload follows the
// packing list.
func (t *Transcript) maybeSent(p *parcel) bool {
	return p.Shasum != "" && p.Registry == "" && !t.modern()
}

// modern tells whether npm prints "Publishing to" before an upload.
func (t *Transcript) modern() bool {
	by := npm.ParseVersion(t.NPM)
	return t.HasLog && (!by.Known() || by.Has(npm.AnnouncesUpload))
}

func said(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		if !Quotes(l.Text) {
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()
}

// Quotes tells whether a line of npm's message repeats the command that failed:
// what stands in it are the script's words ("command sh -c …", since npm 7; "demo@1.0.0
// prepack: `…`" in npm 6).
func Quotes(line string) bool { return quoted.MatchString(line) }

var quoted = pattern.New("^(?:command \\S+ .*-c |\\S+@\\d\\S* \\S+: `)")
