package classify

import (
	"strconv"
	"strings"

	"safepublish/classify/pattern"
)

// The exit classes, numbered as in sysexits.h. A script can tell by them who has
// to act: the person who typed, the package, the registry, time, an account, or
// the configuration.
const (
	ExitUsage       = 64 // the command line
	ExitData        = 65 // the package must change
	ExitUnavailable = 69 // the registry or the way to it is down
	ExitTempFail    = 75 // try again later
	ExitNoPerm      = 77 // who you are, what you may
	ExitConfig      = 78 // configuration
	ExitNoNPM       = 127
	ExitInterrupted = 130
)

// signals are the numbers of the signals that end npm in practice, under the
// names that os.Signal prints. They are the same on Linux and macOS.
var signals = map[string]int{
	"hangup": 1, "interrupt": 2, "quit": 3, "aborted": 6, "killed": 9,
	"segmentation fault": 11, "broken pipe": 13, "terminated": 15,
}

var signalNumber = pattern.New(`^signal (\d{1,2})$`)

// ExitStatus returns the status that safepublish ends with after a failed
// publish: 0 only where these very bytes are already on the registry, 130 where
// the person ended it, 128+n where signal n did, the class of the cause, and
// npm's or the script's own status where the cause has no class. npmExit is npm's
// status, signal the name of the signal that killed npm ("interrupt", "signal 9"),
// "" for none.
//
// While an upload is open it never returns ExitData: a script that publishes
// another version on that could publish twice.
func ExitStatus(d Diagnosis, npmExit int, signal string) int {
	switch {
	case d.Cause != nil && d.Cause.Done:
		return 0
	case signalNumberOf(signal) > 0:
		return 128 + signalNumberOf(signal)
	case d.Cause != nil && d.Cause.Exit != 0 && (d.Cause.Exit != ExitData || !d.Open):
		return d.Cause.Exit
	case npmExit > 0 && npmExit < 256:
		return npmExit
	}
	return 1
}

func signalNumberOf(name string) int {
	if m := signalNumber.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return signals[name]
}

// ExitWords says the status of a cause on its page and in the table of causes.
func (row *Cause) ExitWords() string {
	switch {
	case row.Done:
		return "0"
	case row.Exit != 0:
		return strconv.Itoa(row.Exit)
	case strings.HasSuffix(row.ID, "script-failed"):
		return "the script's own"
	}
	return "npm's own"
}
