package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"safepublish/remedy"
	"safepublish/remedy/ledger"
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

// First returns the first thing to do, in a line; "" where nothing is known, and for nil.
func (d *Diagnosis) First() string {
	if d == nil || len(d.Remedies) == 0 {
		return ""
	}
	if commands := d.Commands(); len(commands) > 0 {
		return commands[0]
	}
	first := d.Remedies[0]
	if first.Safety == remedy.Never.String() && len(first.Steps) > 0 {
		return first.Steps[0]
	}
	return first.Title
}

// Summarize appends the report to the Markdown file of a CI's job summary, which
// must be there already. It is called after End.
func (r *Recorder) Summarize(path string) error {
	if r == nil {
		return nil
	}
	if err := appended(path, r.doc.Markdown()); err != nil {
		return fmt.Errorf("the job summary was not written: %w", err)
	}
	return nil
}

// Output appends the outputs of a step to the file of a CI that is there for it
// (GITHUB_OUTPUT): outcome, published ("true" where this run has published anything),
// cause ("" where nothing failed) and packages, as in the report. It is called after
// End.
func (r *Recorder) Output(path string) error {
	if r == nil {
		return nil
	}
	if err := appended(path, r.doc.outputs()); err != nil {
		return fmt.Errorf("the outputs of the step were not written: %w", err)
	}
	return nil
}

func (d *Document) outputs() string {
	published := slices.ContainsFunc(d.Packages, func(p Package) bool { return p.Outcome == ledger.Published || p.Outcome == ledger.Taken })
	packages, _ := json.Marshal(d.Packages) // strings alone; a line break in one is \n
	return fmt.Sprintf("outcome=%s\npublished=%t\ncause=%s\npackages=%s\n", d.Outcome, published, d.Cause, packages)
}

// appended appends text to a file that must be there already; "" is none.
func appended(path, text string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// Markdown tells the report as a short text. What others wrote stands in code
// spans and fences alone, where nothing in it is obeyed.
func (d *Document) Markdown() string {
	var b strings.Builder
	b.WriteString("### safepublish: " + string(d.Outcome) + "\n\n")
	if d.Error != "" {
		b.WriteString(span(d.Error) + "\n\n")
	}
	b.WriteString(d.table())
	for i, a := range d.Attempts {
		if a.Diagnosis == nil {
			continue
		}
		fmt.Fprintf(&b, "\n%d. `%s`: %s\n", i+1, a.Diagnosis.Cause, span(a.Diagnosis.Title))
		for _, e := range a.Diagnosis.Evidence {
			fmt.Fprintf(&b, "   - %s %s\n", span(e.From), span(e.Text))
		}
		if a.Chosen != "" {
			fmt.Fprintf(&b, "   - fix applied: %s\n", span(a.Chosen))
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

// table has a row for each package.
func (d *Document) table() string {
	if len(d.Packages) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| package | version | dist-tag | registry | outcome |\n| --- | --- | --- | --- | --- |\n")
	for _, p := range d.Packages {
		version, outcome := cell(p.Version), string(p.Outcome)
		if p.URL != "" {
			version = "[" + version + "](" + p.URL + ")"
		}
		if p.Cause != "" {
			outcome += ": " + p.Cause
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cell(p.Name), version, cell(p.Tag), cell(p.Registry), outcome)
	}
	return b.String()
}

// cell is a span in a table, where a bar would end it even in a code span.
func cell(text string) string { return strings.ReplaceAll(span(text), "|", "\\|") }

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
