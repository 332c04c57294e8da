// Package transcript reads what one npm publish left behind, its screen and its
// debug log, into facts: npm's own lines, what was packed, where it was sent and
// what became of the upload.
//
// It is pure: no files, no processes, no network. The debug log is the first
// witness, for npm words it alike from npm 8 to npm 12 and no lifecycle script
// can write into it. The screen is the second: it is replayed, not merely
// stripped of its escapes, because a spinner and the line after it can share a
// line (npm 10.7 and later).
package transcript

import (
	"slices"

	"safepublish/classify/npm"
)

// Input is what one run of npm left behind. A run on a terminal has Screen, a
// run on pipes has Stdout and Stderr; Log is the debug log, nil where none was
// written.
type Input struct {
	Screen []byte // terminal bytes, escapes and all
	Stdout []byte
	Stderr []byte
	Log    []byte
	Exit   int    // npm's exit status; -1 if it is not known
	Signal string // the signal that killed npm, such as "interrupt"; "" for none
	DryRun bool   // the caller knows that npm was told to do a dry run; npm 6 and 7 do not say so
	Ours   Ours   // what is known of a run that was started by the caller; the zero value for a saved one
}

// Ours is what the caller knows of a run that it has started itself. A registry's
// answer can carry lines that npm logs as its own (the header npm-notice,
// npm-registry-fetch, lib/check-response.js), and a script can print any; of a run
// of ours neither is asked for what the caller knows better.
type Ours struct {
	Run     bool // the caller has started npm, and DryRun is what npm's configuration says
	Several bool // npm was to publish several workspaces: a packing list may follow a request
	// Logs tells that npm's debug log was to go into a folder that could be written
	// before and after the run: an npm that has left none there was never started.
	Logs bool
	// Between tells that npm was ended in the pause between two tries of the last upload:
	// none was under way.
	Between bool
}

// Transcript is one run of npm, read.
type Transcript struct {
	NPM      string    // npm's version, from the log: "11.19.1"; "" if unknown
	HasLog   bool      // there was a debug log, so that Lines are npm's own beyond doubt
	Command  string    // "publish" or "stage publish"; "" if the text does not tell
	Lines    []Line    // npm's own lines in order; from the log where there is one
	Code     string    // "E403", "ENEEDAUTH", "3" for a script that ended with 3; "" for a failure without a code
	Message  []Line    // the error lines that say what happened, boilerplate included
	Notices  []Line    // what the registry said by its npm-notice header, and npm's other notices that are not the packing list
	Packages []Package // what was packed, in order; a workspace run has several
	DryRun   bool      // npm's own notice says "(dry-run)"
	Failed   bool      // npm said or showed that the run failed
	Canceled bool      // the person ended npm's own question (^C: "canceled"; ^D: nothing, or "Exit handler never called")
	Prompted bool      // npm asked for a one-time password, or offered the browser, on the terminal
	AuthURL  string    // the address npm asked to open for a second factor; shown, never stored
	Exit     int       // npm's exit status, from the log if the caller did not know it; -1 if unknown
	Signal   string
	// NeverStarted: what was run in npm's place failed without a line and without a
	// log of npm's: a shim of a version manager, an interpreter that is missing.
	NeverStarted bool
	// Unproven: npm ended with 0, and nothing shows that the registry took an upload.
	Unproven bool
	// ScriptSaid is the last line that the script printed which npm ran last; its Text is
	// "" where none is seen.
	ScriptSaid Line
	Title      string // from the log: "npm publish"; "" if unknown
	PkgID      string // from the log, the package of the error: "demo@1.0.0"; "" if unknown
	Cwd        string // from the log, the directory npm ran in; "" if unknown

	fromLog bool   // Lines are from a debug log, which need not be alone in its file
	seen    []Line // of npm's own, those that it printed
	ours    Ours
	ended   bool   // the log says how npm ended
	asking  bool   // the screen ends at npm's question for a one-time password
	bare    bool   // a failure that npm words without its heading
	skipped []Line // the workspaces that npm left out as private
	script  string // the package whose script npm announced last, "demo@1.0.0"
	event   string // that script: "prepack"
}

// Staged tells whether it was npm stage publish: what that uploads can be installed
// by nobody before a person approves it.
func (t *Transcript) Staged() bool { return t.Command == "stage publish" }

// Seen tells whether npm printed its line at that place: a debug log has it all the same
// where it was told to be silent.
func (t *Transcript) Seen(place string) bool {
	i := slices.IndexFunc(t.Message, func(l Line) bool { return l.From == place })
	return i >= 0 && slices.ContainsFunc(t.seen, func(l Line) bool { return l.Text == t.Message[i].Text })
}

// Line is one line of npm's own and where it stood: "log:36" by npm's own
// number, "screen:12", "stdout:3" or "stderr:12" by line.
type Line struct {
	From  string
	Level string // "error", "warn", "notice", "http", "verbose", "silly", "info"
	Text  string // without heading and level, as in "code E403" or "403 403 Forbidden - PUT …"
}

// Package is one package that npm packed, and what became of it.
type Package struct {
	Name, Version string
	Shasum        string // sha1 of the tarball, 40 hex digits, from npm's notice or log; "" if not printed
	Integrity     string // npm prints it cut short: first 20 and last 15 characters around "[...]"; whole with --json
	Registry      string // from "Publishing to R", else the PUT's address less the package; "" if unknown
	Tag           string // as the notice says; that is the tag config, not publishConfig.tag (npm 9 to 12)
	Access        string // "default", "public" or "restricted", as the notice says
	Upload        Upload
	Published     bool // npm printed "+ name@version" for it
}

// Contents is what npm said of the package's bytes.
func (p Package) Contents() npm.Contents {
	return npm.Contents{Shasum: p.Shasum, Integrity: p.Integrity}
}

// State is what became of an upload.
type State int

// The states of an upload. Open is the only one that an answer of the registry
// can still change: the upload was sent, and nothing proves that it was refused.
const (
	NotSent  State = iota // npm ended before it sent anything
	Refused               // a 4xx answered, and no attempt before it may have been stored
	Accepted              // a 2xx answered
	Open                  // sent, and the answer was lost, was a 5xx, or is not known
)

// String returns the word that the report uses: "not-sent", "refused",
// "accepted" or "open".
func (s State) String() string {
	return [...]string{"not-sent", "refused", "accepted", "open"}[s]
}

// Upload is what became of the upload of one package. npm sends a PUT again
// after 408, 420, 429, 5xx and lost connections (make-fetch-happen, lib/remote.js),
// so a 4xx to attempt 2 may be the answer to an upload that attempt 1 stored.
type Upload struct {
	State    State
	Method   string   // "PUT", or "POST" for npm stage publish
	URL      string   // redacted
	Statuses []int    // one for each answer that the log shows, in order
	Failures []string // what attempts before the last ended with: "502", "ECONNRESET" (npm 10 and later say so)
	Attempt  int      // the attempt that the last answer belongs to; 0 if unknown
}

// Status returns the last HTTP status that the upload got, 0 if none.
func (u Upload) Status() int {
	if len(u.Statuses) == 0 {
		return 0
	}
	return u.Statuses[len(u.Statuses)-1]
}

// Last returns the package that the run ended with: the one that failed where
// one failed. It returns the zero Package where nothing was packed.
func (t *Transcript) Last() Package {
	if len(t.Packages) == 0 {
		return Package{}
	}
	return t.Packages[len(t.Packages)-1]
}

// Reached tells whether anything of an upload may have come to the registry: an answer
// came, or an attempt failed in another way than that there was no connection.
func (u Upload) Reached() bool {
	return len(u.Statuses) > 0 || slices.ContainsFunc(u.Failures, func(f string) bool { return !Unsent(f) })
}

// Unsent tells whether nothing of an upload can have reached the registry, by what it
// failed with.
func Unsent(failure string) bool { return unsent.MatchString(failure) }
