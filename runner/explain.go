package runner

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/logs"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/runner/npmexec"
	"safepublish/runner/report"
)

// ErrInput means that what explain was to read cannot be read.
var ErrInput = errors.New("cannot be read")

// Explain prints the page of a cause, or names the causes of the failed publishes
// that a saved log shows. It asks nobody and needs no npm. Its error is bad input, and
// wraps ErrInput where that is the log.
func Explain(args []string, asJSON bool, env []string, std Streams) (int, error) {
	if len(args) != 1 {
		return 0, &npm.UsageError{
			Problem: "explain takes one log or one cause",
			Instead: "type safepublish explain FILE, safepublish explain - or safepublish explain CAUSE",
		}
	}
	if c := classify.Lookup(args[0]); c != nil && !asJSON {
		prompts.New(std.In, std.Out, env, asItIs).Page(c.PageIn(prompts.Columns(std.Out)))
		return 0, nil
	}
	red := transcript.NewRedactor(env)
	ui := prompts.New(std.In, std.Out, env, red.Lines)
	if near := npm.Nearest(args[0], classify.IDs()); near != "" {
		if _, err := os.Stat(args[0]); err != nil {
			return 0, &npm.UsageError{Problem: "there is no cause " + args[0], Instead: "did you mean " + near + "?"}
		}
	}
	log, err := readSaved(args[0], std.In)
	if err != nil {
		return 0, err
	}
	all := []report.Diagnosis{}
	var list []string
	for _, t := range log.Failed {
		c := &classify.Case{Transcript: t, Shell: npmexec.Shell(env)}
		d, failed := classify.Diagnose(c)
		if !failed {
			continue
		}
		known := report.Known(&remedy.Problem{Case: c, Diagnosis: d, Terminal: true, Ask: true, Standing: remedy.StandingOf(c)})
		all = append(all, report.Describe(d, c, known, red.Line))
		list = append(list, strings.TrimSpace(named(c.Name(), c.Version())+" ("+d.Cause.ID+")"))
		if !asJSON {
			more := slices.Concat(prompts.Doubts(d), []string{"", d.Cause.Why}, next(d, c), prompts.OnProduct(d))
			more = append(more, prompts.MoreIn(d.Cause.ID))
			ui.Diagnosis(d.Title(), d.Cause.ID, d.Sure, d.Evidence, more...)
		}
	}
	if asJSON {
		return 0, report.Write(std.Out, report.Diagnoses{Schema: report.Version, Diagnoses: all})
	}
	ui.Summary(list, evidence(log.Elsewhere), evidence(log.Suspects))
	return 0, nil
}

// asItIs takes nothing out: a page is a text of ours, in which nobody's secret stands, and
// "passing --otp at the start" is no one-time password.
func asItIs(page string) string { return page }

// next returns what to do first where nothing decides: a page of another cause would be
// beside the point.
func next(d classify.Diagnosis, c *classify.Case) (lines []string) {
	if !d.Cause.End {
		return nil
	}
	for _, step := range d.Advice(c) {
		lines = append(lines, "- "+step)
	}
	return lines
}

// evidence says of lines of a log which command of npm's they are of, if that is known.
func evidence(lines []logs.Elsewhere) []classify.Evidence {
	var all []classify.Evidence
	for _, l := range lines {
		all = append(all, classify.Evidence{From: l.From, Text: strings.TrimPrefix(l.Command+": "+l.Text, ": ")})
	}
	return all
}

// readSaved reads a saved log from a file or, as "-", from in.
func readSaved(name string, in io.Reader) (log logs.Log, err error) {
	if name != "-" {
		var f *os.File
		if f, err = os.Open(name); err == nil {
			defer f.Close() // it was only read
		}
		in = f
	}
	if err == nil {
		log, err = logs.Read(in)
	}
	if err != nil {
		err = fmt.Errorf("%s %w: %w; type safepublish explain FILE, or the ID of a cause", name, ErrInput, errors.Unwrap(err))
	}
	return log, err
}
