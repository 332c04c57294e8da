package prompts

import (
	"cmp"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"safepublish/classify/npm"
)

// UI prints for a person and asks him. Make it with New before anything else
// touches the terminal. Its methods may be called from several goroutines, but
// only one question can stand on the screen at a time.
type UI struct {
	in, err  *os.File
	plain    bool // no escape sequence is sent: a list with numbers, a typed line
	colour   bool
	terminal bool // err is a terminal
	shell    npm.Shell
	ci       string // whose log err is: "github", "gitlab", "azure"; "" for none
	sections int    // of a GitLab log so far
	saved    *term.State

	below atomic.Pointer[string] // what takes the cursor below the question on the screen

	played  bool     // the questions get answers, not a person's: see Play
	answers []string // that are left

	paused time.Time // when Pause or Await said something last

	hurry   chan struct{} // closed once nobody waits any more for a reader who does not read
	hurried sync.Once

	redact func(string) string

	mu      sync.Mutex
	passing bool // an unfinished line of Step or Wait stands on the screen
}

// New returns the UI that asks on in and prints on err, as env (in the form of
// os.Environ) wants it: no colour under NO_COLOR, no escape sequence at all where it is
// Plain: a screen reader reads a list
// and a typed line better than a menu that is drawn again at each key. It remembers
// the terminal's modes for Restore.
//
// Everything passes redact before it is printed: whole texts, never a part of one.
//
// On Windows it is always plain: survey reads the console there by its own way,
// which cannot be kept from taking ^D for "accept".
func New(in, err *os.File, env []string, redact func(string) string) *UI {
	u := &UI{in: in, err: err, shell: npm.ShellOf(env, runtime.GOOS == "windows"), redact: redact, hurry: make(chan struct{})}
	u.plain = Plain(env) || runtime.GOOS == "windows"
	u.ci = ci(env)
	u.terminal = term.IsTerminal(int(err.Fd()))
	u.colour = u.terminal && !u.plain && getenv(env, "NO_COLOR") == ""
	u.saved, _ = term.GetState(int(in.Fd()))
	return u
}

// Plain reports whether env wants a screen on which nothing moves: TERM is "dumb" or, but
// on Windows, which does not set it, empty; or SAFEPUBLISH_PLAIN is set.
func Plain(env []string) bool {
	t := getenv(env, "TERM")
	return t == "" && runtime.GOOS != "windows" || t == "dumb" || set(getenv(env, "SAFEPUBLISH_PLAIN"))
}

// CanAsk reports whether there is a person to ask: in and err are terminals,
// --no-input was not given, and CI is unset, empty, "false" or "0". stdout does
// not matter: with v=$(safepublish) on a laptop the questions stand on stderr.
func CanAsk(in, err *os.File, noInput bool, env []string) bool {
	return !noInput && !set(getenv(env, "CI")) && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(err.Fd()))
}

// set reports whether a variable with this value says yes.
func set(value string) bool {
	switch strings.ToLower(value) {
	case "", "false", "0":
		return false
	}
	return true
}

// Restore gives the terminal back as New found it: its modes, its cursor below
// what was asked, its colour. It is for ends that no question sees: a signal, and
// a panic before anything is printed. It takes no lock, so that it cannot wait for
// a write that the terminal holds up, and may be called at any time and more than
// once.
//
// It changes nothing from the background: the kernel would stop us there
// (SIGTTOU) instead of letting us end.
func (u *UI) Restore() {
	if u.saved == nil || !foreground(u.in) {
		return
	}
	_ = term.Restore(int(u.in.Fd()), u.saved)
	if below := u.below.Swap(nil); below != nil {
		u.out(*below)
	}
	if u.terminal && !u.plain {
		u.out("\x1b[?25h\x1b[0m")
	}
}

// Hurry stops waiting for somebody who does not read: a terminal under ^S, a pipe
// that is full. What is being printed then, and what comes after it, may be lost. It
// is for an end by a signal.
func (u *UI) Hurry() { u.hurried.Do(func() { close(u.hurry) }) }

// out writes s, for as long as nobody hurries.
func (u *UI) out(s string) {
	select {
	case <-u.hurry:
		return
	default:
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = u.err.WriteString(s)
	}()
	select {
	case <-written:
	case <-u.hurry:
	}
}

// showing notes that a question is on the screen, and what takes the cursor below
// it; the function that it returns, that it is answered.
func (u *UI) showing(below string) (answered func()) {
	u.below.Store(&below)
	return func() { u.below.Store(nil) }
}

// width returns the terminal's columns. A log is not wrapped: who reads it wraps or greps it.
func (u *UI) width() int {
	if !u.terminal {
		return math.MaxInt32
	}
	columns, _ := size(u.err)
	return columns
}

// size returns a terminal's columns and rows as they are now; 80 and 24 where it does not
// know (a serial line says 0).
func size(f *os.File) (columns, rows int) {
	columns, rows, _ = term.GetSize(int(f.Fd()))
	return cmp.Or(columns, 80), cmp.Or(rows, 24)
}

// getenv returns the value of key in env, the last one where there are several,
// as os/exec takes it.
func getenv(env []string, key string) string {
	value := ""
	for _, line := range env {
		if v, ok := strings.CutPrefix(line, key+"="); ok {
			value = v
		}
	}
	return value
}
