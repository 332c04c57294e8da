package report

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Failure returns the diagnosis that the last attempt ended with, nil where it
// did not fail, or where nothing is recorded.
func (r *Recorder) Failure() *Diagnosis {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doc.failure()
}

func (d *Document) failure() *Diagnosis {
	if n := len(d.Attempts); n > 0 {
		return d.Attempts[n-1].Diagnosis
	}
	return nil
}

// Commands returns the command lines that would go on, the best first; none for nil.
func (d *Diagnosis) Commands() []string {
	var all []string
	if d == nil {
		return nil
	}
	for _, o := range d.Remedies {
		if o.Command != "" {
			all = append(all, o.Command)
		}
	}
	return all
}

// Summarize appends the report to the Markdown file of a CI's job summary, which
// must be there already. It is called after End.
func (r *Recorder) Summarize(path string) error {
	if r == nil || path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("the job summary was not written: %w", err)
	}
	_, err = f.WriteString(r.doc.Markdown())
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("the job summary was not written: %w", err)
	}
	return nil
}

// Markdown tells the report as a short text. What others wrote stands in code
// spans and fences alone, where nothing in it is obeyed.
func (d *Document) Markdown() string {
	var b strings.Builder
	b.WriteString("### safepublish: " + d.Outcome + "\n\n")
	if d.Error != "" {
		b.WriteString(span(d.Error) + "\n\n")
	}
	for _, p := range d.Packages {
		fmt.Fprintf(&b, "- %s %s: %s on %s\n", span(p.Name), span(p.Version), p.Outcome, span(p.Registry))
	}
	for i, a := range d.Attempts {
		if a.Diagnosis == nil {
			continue
		}
		fmt.Fprintf(&b, "\n%d. `%s`: %s\n", i+1, a.Diagnosis.Cause, span(a.Diagnosis.Title))
		for _, e := range a.Diagnosis.Evidence {
			fmt.Fprintf(&b, "   - %s %s\n", span(e.From), span(e.Text))
		}
		if a.Chosen != "" {
			fmt.Fprintf(&b, "   - done about it: %s\n", span(a.Chosen))
		}
	}
	if commands := d.failure().Commands(); len(commands) > 0 {
		b.WriteString("\nTo go on:\n\n")
		for _, c := range commands {
			b.WriteString("- " + span(c) + "\n")
		}
	}
	return b.String() + "\n"
}

// span makes text a code span, behind more backticks than stand in it.
func span(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return "-"
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + text + fence
}
