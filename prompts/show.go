package prompts

import (
	"slices"
	"strings"

	"safepublish/classify"
)

// Diagnosis prints why npm publish failed: a blank line, the headline with the
// cause's ID, the evidence in two columns, and under it the lines of more (what
// was ruled out, what else it could be). Where sure is false the headline says so.
func (u *UI) Diagnosis(headline, cause string, sure bool, evidence []classify.Evidence, more ...string) {
	u.block([]span{{"✗" + lead(headline, cause, sure), red}, {" " + headline, bold}}, cause, evidence, more)
}

// lead returns what stands between the cross and the headline. A headline that
// says itself what failed, or that the version is published, needs none; one that
// quotes the reason, or says that it is not known, needs no word about how sure it is.
func lead(headline, cause string, sure bool) string {
	switch {
	case cause == "published-script-failed", cause == "upload-open", strings.HasPrefix(headline, "npm publish failed"):
		return ""
	case sure, cause == "unknown", cause == "refused", strings.HasSuffix(cause, "-unexplained"):
		return " npm publish failed:"
	}
	return " npm publish failed. Most likely:"
}

// Refused prints in the same form what kept npm from being run at all.
func (u *UI) Refused(headline, cause string, evidence []classify.Evidence, more ...string) {
	u.block([]span{{"✗ not published:", red}, {" " + headline, bold}}, cause, evidence, more)
}

// Settled prints in the same form what needs saying and is no failure: that the same
// contents are already on the registry.
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
		e.Text = u.clean(e.Text) // before it is cut: half a secret is not known for one
		evidence[i] = columns(e)
		label = max(label, cells(evidence[i].From))
	}
	for _, e := range evidence {
		from := "    " + pad(e.From, label)
		b.WriteString(u.paragraph(cells(from), span{from, dim}, span{e.Text, normal}))
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

// columns returns what stands in the left and in the right column. A place in a
// file is short; a command is not, and moves to the right behind "asked".
func columns(e classify.Evidence) classify.Evidence {
	if runes := []rune(e.Text); len(runes) > longest {
		e.Text = string(runes[:longest]) + " …"
	}
	if strings.Contains(e.From, " ") {
		return classify.Evidence{From: "asked", Text: e.From + ": " + e.Text}
	}
	return e
}

// Doubts returns the lines that follow a diagnosis which is not sure: what else it
// could be, and what it is not. There are none where it is sure.
func Doubts(d classify.Diagnosis) []string {
	var lines []string
	for _, doubt := range []struct {
		words  string
		causes []*classify.Cause
	}{{"could also be: ", d.Others}, {"ruled out: ", d.RuledOut}} {
		var ids []string
		for _, c := range doubt.causes {
			ids = append(ids, c.ID)
		}
		if len(ids) > 0 {
			lines = append(lines, doubt.words+strings.Join(ids, ", "))
		}
	}
	return lines
}

// OnProduct returns what to do where the registry is another product than
// npmjs.org's, a line for each step.
func OnProduct(d classify.Diagnosis) []string {
	var lines []string
	for _, step := range d.Steps {
		lines = append(lines, d.Product+": "+step)
	}
	return lines
}

// MoreIn names the page of a cause.
func MoreIn(cause string) string { return "more: safepublish explain " + cause }

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

// Beside returns what is waited for as a dimmed paragraph, for who shows it among what npm
// shows.
func (u *UI) Beside(s string) string {
	if u.terminal {
		s += " (^C gives up)"
	}
	return u.escapeCICommands(u.paragraph(2, span{s, dim}))
}

// Bare prints one line that is never wrapped: what scripts look for.
func (u *UI) Bare(s string) { u.write(u.clean(s) + "\n") }

// Page prints a text that is already laid out, line by line as it is.
func (u *UI) Page(text string) {
	for line := range strings.Lines(text) {
		u.Bare(strings.TrimRight(line, "\r\n"))
	}
}

// Changes prints what is done next, a line each, under the words that it is: "- "
// and "+ " for an edit, a command for a command. Nothing is wrapped, so that each
// line is what it says.
func (u *UI) Changes(lines []string) {
	if len(lines) == 0 {
		return
	}
	u.Line("Doing this:")
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
