//go:build unix

package prompts

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// question is one that can stand on the screen.
type question struct {
	name  string
	calls string // the method of a UI that asks it
	env   string
	sees  string // what shows that it stands there
	right string // what is taken, with the Enter behind it
	ask   func(u *UI) (any, error)
}

const (
	rich  = "TERM=xterm"
	dumb  = "TERM=dumb"
	plain = "SAFEPUBLISH_PLAIN=1"
)

// only takes what has this answer in it.
func only(right string) func(string) error {
	return func(s string) error {
		if !strings.Contains(s, right) {
			return errors.New("refused")
		}
		return nil
	}
}

func choose0(u *UI) (any, error) { return u.Choose(WhatNow, offers, 0) }

func version(u *UI) (any, error) { return u.Text("Version", only("1.0.1")) }

// password keeps what was typed from the screen.
func password(u *UI) (any, error) {
	_, err := u.Secret("One-time password", only("135790"))
	return "taken", err
}

func goOn(u *UI) (any, error) { return u.Confirm("Go on?", "y") }

// questions is the table of all that are asked.
var questions = []question{
	{"menu", "Choose", rich, MenuKeys, "\r", choose0},
	{"list", "Choose", dumb, number + ":", "1\r", choose0},
	{"list by choice", "Choose", plain, number + ":", "1\r", choose0},
	{"text", "Text", rich, "Version:", "1.0.1\r", version},
	{"text, dumb", "Text", dumb, "Version:", "1.0.1\r", version},
	{"secret", "Secret", rich, "password:", "135790\r", password},
	{"secret, dumb", "Secret", dumb, "password:", "135790\r", password},
	{"y/N", "Confirm", rich, "[y/N]", "y\r", goOn},
	{"y/N, dumb", "Confirm", dumb, "[y/N]", "y\r", goOn},
	{"word", "Confirm", rich, "to go on:", "@me/demo\r", func(u *UI) (any, error) { return u.Confirm("Open it?", "@me/demo") }},
}

func asked(name string) question {
	return questions[slices.IndexFunc(questions, func(q question) bool { return q.name == name })]
}

// How a question takes what is typed at it.
type reaction string

const (
	stands  reaction = "stands"   // it is still there: a menu has turned Enter off, a line is asked for again
	no      reaction = "no"       // it is answered, and nothing was agreed to
	givesUp reaction = "gives up" // nothing was chosen
	takes   reaction = "takes"    // this is its answer
)

// input is something that is typed, with what a menu and a line make of it. RIGHT is
// the question's right answer, with its Enter.
type input struct {
	keys       string
	menu, line reaction
}

// typed is the table of what a person, a terminal or a clipboard may send. What a line
// has not taken as a whole stands, and for a question of yes or no is no.
var typed = []input{
	{"no\r", stands, stands},
	{"quit\r", stands, stands},
	{":q\r", stands, stands},
	{"git log\r", stands, stands},
	{"npm publish\r", stands, stands},
	{"\r\r\r\r", stands, stands},
	{"\x1b\r", stands, stands},
	{"\x1b", givesUp, ""},
	{"q", givesUp, ""},
	{"q\r", stands, stands}, // a list gives up
	{"\x03", givesUp, givesUp},
	{"\x04", givesUp, givesUp},
	{"ab\x03", givesUp, givesUp},
	{"ab\x04", givesUp, givesUp},
	{"\x1b[C\r", stands, stands},         // right
	{"\x1b[1;5A\r", stands, stands},      // control and up
	{"\x1b[H\r", stands, stands},         // home
	{"\x1bOF\r", stands, stands},         // end
	{"\x1b[5~\r", stands, stands},        // page up
	{"\x1b[3~\r", stands, stands},        // delete
	{"\x7f\r", stands, stands},           // backspace
	{"\x15\r", stands, stands},           // ^U
	{"\x00\r", stands, stands},           // NUL
	{"\x0c\r", stands, stands},           // ^L
	{"\x1c\r", stands, stands},           // ^\
	{"\x13\x11\r", stands, stands},       // ^S, ^Q
	{"é日🙂\r", stands, stands},            //
	{"\x1b[<0;10;10M\r", stands, stands}, // the mouse
	{"\x1b[M !!\r", stands, stands},      // the mouse, as long ago
	{"\x1b[I\r", stands, stands},         // the window has the focus
	{"\x1b[1;1R\r", stands, stands},      // where the cursor is
	{down + "xRIGHT", stands, stands},    //
	{"\u200bRIGHT", stands, stands},      //
	{"RIGHTrm -rf .\r", stands, stands},  //
	{"RIGHTrm -rf .", stands, stands},    //
	{strings.Repeat("x", 9000) + "\r", stands, stands},
}

// made returns the keys for a question.
func (q question) made(keys string) string { return strings.ReplaceAll(keys, "RIGHT", q.right) }

// expects returns what the question makes of an input, "" where it is no case for it.
func (q question) expects(keys string, menu, line reaction) reaction {
	switch {
	case q.name == "menu":
		return menu
	case keys == "q\r" && q.calls == "Choose":
		return givesUp
	case line == stands && q.calls == "Confirm":
		return no
	}
	return line
}

// meets waits for the reaction, and ends a question that stands.
func (s *screen) meets(q question, want reaction, got func() answer[any]) {
	s.t.Helper()
	if want == stands && q.name == "menu" {
		s.off()
		s.press("\x03")
	} else if want == stands {
		s.until("the question again", func(shown string) bool { return strings.Count(shown, q.sees) == 2 })
		s.press("\x03")
	}
	a := got()
	switch {
	case want == takes && a.err == nil && a.value != any(false):
	case want == no && a.err == nil && a.value == any(false):
	case (want == stands || want == givesUp) && errors.Is(a.err, ErrGivenUp):
	default:
		s.t.Errorf("%+v; it was to be: %s\n%s", a, want, s.shown())
	}
	left := []unix.PollFd{{Fd: int32(s.slave.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(left, 0)
	for errors.Is(err, unix.EINTR) { // Go interrupts its own threads
		n, err = unix.Poll(left, 0)
	}
	if n != 0 || err != nil {
		s.t.Errorf("something is left for the shell (%v)", err)
	}
	s.unchanged()
}

func each(t *testing.T, do func(t *testing.T, q question)) {
	slow(t)
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			t.Parallel()
			do(t, q)
		})
	}
}

// Every question takes its answer, and nothing else that is typed at it.
func TestEveryQuestionAndInput(t *testing.T) {
	each(t, func(t *testing.T, q question) {
		for _, in := range append(slices.Clone(typed), input{"RIGHT", takes, takes}) {
			want := q.expects(in.keys, in.menu, in.line)
			if want == "" {
				continue
			}
			t.Run(fmt.Sprintf("%.20q", in.keys), func(t *testing.T) {
				s := newTerminal(t, 80, 250, true)
				got := asking(s, func() (any, error) { return q.ask(s.ui(q.env)) })
				s.see(q.sees)
				s.press(q.made(in.keys))
				s.meets(q, want, got)
			})
		}
	})
}

// What is pasted chooses nothing in a menu, and agrees to nothing where the terminal marks
// it. A text, a code or a number that is pasted with its newline is the answer: that is
// how people enter them.
func TestEveryQuestionAndPaste(t *testing.T) {
	each(t, func(t *testing.T, q question) {
		for _, p := range []input{
			{"RIGHT", stands, takes},
			{"no\r", stands, stands},
			{"RIGHTgit push\r", stands, stands},
			{"a\rRIGHT", stands, stands},
			{"RIGHT\r\r", stands, stands}, // a secret may have empty lines behind it
			{"\x1b[B\r", stands, stands},
			{"line\r\r" + strings.Repeat("x\r", 100), stands, stands},
		} {
			want := q.expects(p.keys, p.menu, p.line)
			if q.calls == "Secret" && p.keys == "RIGHT\r\r" {
				want = takes
			}
			if q.name == "y/N" {
				want = no
			}
			t.Run(fmt.Sprintf("%.20q", p.keys), func(t *testing.T) {
				s := newTerminal(t, 80, 250, true)
				got := asking(s, func() (any, error) { return q.ask(s.ui(q.env)) })
				s.see(q.sees)
				s.paste(q.made(p.keys))
				s.meets(q, want, got)
				if q.name == "y/N" {
					s.see(notTyped)
				}
			})
		}
	})
}

// paste does what a terminal does with a clipboard: it marks it where it was asked to.
func (s *screen) paste(text string) {
	s.mu.Lock()
	raw := string(s.raw)
	s.mu.Unlock()
	if strings.LastIndex(raw, pasteMarksOn) > strings.LastIndex(raw, pasteMarksOff) {
		text = pasted(strings.ReplaceAll(text, "\x1b", ""))
	}
	s.press(text)
}

// What was typed before a question stood on the screen is no answer to it.
func TestEveryQuestionAndTypingAhead(t *testing.T) {
	each(t, func(t *testing.T, q question) {
		s := newTerminal(t, 80, 24, true)
		s.press(q.right + q.right + "typed")
		s.see("typed")
		got := asking(s, func() (any, error) { return q.ask(s.ui(q.env)) })
		if q.name == "menu" {
			s.off()
		} else {
			s.see(q.sees)
		}
		s.press("\x03")
		s.meets(q, givesUp, got)
	})
}

// ^Z stops, fg asks again, and neither what was typed before nor what was typed at the
// shell for it is an answer.
func TestEveryQuestionStoppedAndContinued(t *testing.T) {
	each(t, func(t *testing.T, q question) {
		s := newTerminal(t, 80, 100, true)
		start(s, "")
		s.see("shell$")
		s.press(fmt.Sprintf("%s PROMPTS_TEST_ASK=%q $ASK\r", q.env, q.name))
		s.see(q.sees)
		half := ""
		if q.name != "menu" {
			half = strings.TrimSuffix(q.right, "\r")
		}
		s.press(half + "\x1a")
		s.see("Stopped")
		s.press("fg\r" + q.right)
		if q.name == "menu" {
			s.off()
		} else {
			s.until("the question again", func(shown string) bool { return strings.Count(shown, q.sees) >= 2 })
		}
		s.press("\x03")
		s.see("error given up")
		s.see("shell$")
		s.unchanged()
	})
}

// A window that is dragged to and fro answers nothing, and the question can be answered
// behind it.
func TestEveryQuestionInAResizeStorm(t *testing.T) {
	each(t, func(t *testing.T, q question) {
		rnd := rand.New(rand.NewPCG(1, 1))
		s := newTerminal(t, 100, 250, true)
		cmd := start(s, q.name, q.env)
		s.see(q.sees)
		for range 60 {
			s.resize(30+rnd.IntN(100), 200+rnd.IntN(50))
		}
		s.resize(100, 250)
		if q.name == "menu" {
			s.press(up + down)
			s.ready()
		}
		s.press(q.right)
		s.see(", error <nil>")
		_ = cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status != taken {
			t.Errorf("ended with %d\n%s", status, s.shown())
		}
		s.unchanged()
	})
}

// A terminal that is closed ends every question; nothing is chosen, and nothing spins.
func TestEveryQuestionWhoseTerminalIsClosed(t *testing.T) {
	each(t, func(t *testing.T, q question) {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		cmd := start(&screen{t: t, slave: slave}, q.name, q.env)
		_ = slave.Close()
		shown, p := "", make([]byte, 4096)
		for !strings.Contains(shown, q.sees) {
			n, err := master.Read(p)
			if err != nil {
				t.Fatal(err)
			}
			shown += string(p[:n])
		}
		if q.name != "menu" {
			_, _ = master.WriteString(strings.TrimSuffix(q.right, "\r"))
		}
		_ = master.Close() // while nothing reads it, for a read would keep it open
		if err := cmd.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

// Whoever asks in another way adds it to the table: these are the functions from which
// the keyboard is read, and the methods of an Asker.
func TestEveryQuestionIsInTheTable(t *testing.T) {
	var have []string
	for _, q := range questions {
		have = append(have, q.calls)
	}
	slices.Sort(have)
	have = slices.Compact(have)
	var asker []string
	for m := range reflect.TypeFor[Asker]().Methods() {
		asker = append(asker, m.Name)
	}
	if read := readers(t); !slices.Equal(read, have) || !slices.Equal(asker, have) {
		t.Errorf("in the table: %q; the keyboard is read from %q, and an Asker has %q", have, read, asker)
	}
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// readers returns the exported functions from which the keyboard is read.
func readers(t *testing.T) (exported []string) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var functions []*ast.FuncDecl
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && !strings.HasSuffix(name, "_test.go") {
				functions = append(functions, f)
			}
		}
	}
	reads := map[string]bool{"Read": true, "ReadString": true, "ReadPassword": true, "newKeyboard": true}
	for grown := -1; grown != len(reads); {
		grown = len(reads)
		for _, f := range functions {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is && reads[called(call)] {
					reads[f.Name.Name] = true
				}
				return true
			})
		}
	}
	for _, f := range functions {
		if name := f.Name.Name; ast.IsExported(name) && name != "Prompt" && reads[name] { // Prompt is survey's, called through Choose
			exported = append(exported, name)
		}
	}
	slices.Sort(exported)
	return exported
}
