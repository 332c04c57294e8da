package prompts

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/classify/carry"
)

// Diagnosis prints why npm publish failed: a blank line, the headline with the
// cause's ID, the evidence in two columns, and under it the lines of more (what
// was ruled out, what else it could be). Where sure is false the headline says
// so; the causes that admit in their title that nothing is known need no such word.
func (u *UI) Diagnosis(headline, cause string, sure bool, evidence []classify.Evidence, more ...string) {
	u.block([]span{{"✗" + lead(headline, cause, sure), red}, {" " + headline, bold}}, cause, evidence, more)
}

// Refused prints in the same form what kept npm from being run at all.
func (u *UI) Refused(headline, cause string, evidence []classify.Evidence, more ...string) {
	u.block([]span{{"✗ " + notTried, red}, {" " + headline, bold}}, cause, evidence, more)
}

// Settled prints in the same form what needs saying and is no failure: that these
// very bytes are already on the registry.
func (u *UI) Settled(headline, cause string, evidence []classify.Evidence, more ...string) {
	u.block([]span{{"✓", green}, {" " + headline, bold}}, cause, evidence, more)
}

func (u *UI) block(head []span, cause string, evidence []classify.Evidence, more []string) {
	if cause != "" {
		head = append(head, span{"   (" + cause + ")", dim})
	}
	var b strings.Builder
	b.WriteString("\n" + u.paragraph(2, head...))
	label := 0
	evidence = slices.Clone(evidence)
	for i, e := range evidence {
		evidence[i].Text = u.clean(e.Text) // before it is cut: half a secret is not known for one
		from, _ := column(e)
		label = max(label, cells(from))
	}
	for _, e := range evidence {
		from, text := column(e)
		from = "    " + from + strings.Repeat(" ", label-cells(from)+2)
		b.WriteString(u.paragraph(cells(from), span{from, dim}, span{text, normal}))
	}
	for _, line := range more {
		if line != "" {
			line = "    " + line
		}
		b.WriteString(u.paragraph(4, span{line, normal}))
	}
	u.write(b.String())
}

// longest is how much of one evidence is shown: a registry may answer a page.
const longest = 600

// column returns what stands in the left and in the right column. A place in a
// file is short; a command is not, and moves to the right behind "asked".
func column(e classify.Evidence) (from, text string) {
	if runes := []rune(e.Text); len(runes) > longest {
		e.Text = string(runes[:longest]) + " …"
	}
	if strings.Contains(e.From, " ") {
		return "asked", e.From + ": " + e.Text
	}
	return e.From, e.Text
}

// Line prints a sentence, wrapped at the terminal's width. An indented one is a
// command that a person copies, and stays whole.
func (u *UI) Line(s string) {
	if strings.HasPrefix(s, "    ") {
		u.Bare(s)
		return
	}
	u.write(u.paragraph(0, span{s, normal}))
}

// Note prints a sentence that matters less, indented and dimmed. One that begins
// with "- " is an item of a list.
func (u *UI) Note(s string) {
	hang := 4
	if strings.HasPrefix(s, "- ") {
		hang = 6
	}
	u.write(u.paragraph(hang, span{"    " + s, dim}))
}

// Bare prints one line that is never wrapped: what scripts look for.
func (u *UI) Bare(s string) { u.write(u.clean(s) + "\n") }

// Changes prints what is done next, a line each, under the words that it
// is: "- " and "+ " for an edit, a command for a command. Nothing is wrapped, so
// that each line is what it says.
func (u *UI) Changes(lines []string) {
	if len(lines) == 0 {
		return
	}
	u.Line(willChange)
	for _, line := range lines {
		for part := range strings.Lines(line) {
			u.Bare("    " + strings.TrimRight(part, "\r\n"))
		}
	}
}

// Done prints the good end: "✓ demo 1.0.1 is on npmjs.org".
func (u *UI) Done(title string) {
	u.write(u.paragraph(2, span{"✓", green}, span{" " + title, normal}))
}

// Page prints a text that is already laid out, line by line as it is.
func (u *UI) Page(text string) {
	for line := range strings.Lines(text) {
		u.Bare(strings.TrimRight(line, "\r\n"))
	}
}

// Step says what is being done if it takes longer than 300 ms, and takes the line
// away when the function it returns is called. Where lines cannot be taken away
// it stays, as a line of its own.
func (u *UI) Step(what string) (done func()) {
	ended := make(chan struct{})
	wait := carry.Go(func() {
		select {
		case <-ended:
		case <-time.After(300 * time.Millisecond):
			u.pass(what + " …")
		}
	})
	return func() {
		close(ended)
		wait()
		u.write("")
	}
}

// pass prints a line that the next thing printed replaces; a whole line where
// nothing can be replaced.
func (u *UI) pass(s string) {
	s = u.clean(s)
	if u.plain || !u.terminal {
		u.write(s + "\n")
		return
	}
	s = cut(s, u.width()-1) // one column less: a full line would wrap, and only its end be erased
	u.mu.Lock()
	defer u.mu.Unlock()
	u.erase()
	u.out(s)
	u.passing = true
}

// Wait lets d pass, counting it down and saying why. It returns ErrGivenUp as soon
// as the person presses ^C, and ctx's error when ctx ends; the time is measured by
// the wall clock, so that a laptop that slept has waited.
//
// While it waits SIGINT does not end the process, and keys are not echoed.
func (u *UI) Wait(ctx context.Context, why string, d time.Duration) error {
	return u.wait(ctx, why, d, 0, true)
}

// Pause is Wait for d of a longer wait that ends in left: what it says it says of
// the whole, once a minute where a line cannot be taken away.
func (u *UI) Pause(ctx context.Context, why string, d, left time.Duration) error {
	say := time.Since(u.paused) >= time.Minute
	if say {
		u.paused = time.Now()
	}
	return u.wait(ctx, why, d, left-d, say)
}

func (u *UI) wait(ctx context.Context, why string, d, more time.Duration, say bool) error {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	defer hush(u.in)()
	defer u.write("")
	until := time.Now().Add(d).Round(0)
	for left := d; left > 0; left = time.Until(until) {
		if left == d && say || u.terminal && !u.plain {
			u.pass(waiting(why, left+more))
		}
		select {
		case <-ctx.Done():
			select { // ^C may have ended both, and whoever ended ctx was told first
			case <-interrupt:
				return ErrGivenUp
			case <-time.After(100 * time.Millisecond):
			}
			return fmt.Errorf("waiting: %w", ctx.Err())
		case <-interrupt:
			return ErrGivenUp
		case <-time.After(min(left, time.Second)):
		}
	}
	return nil
}
