//go:build unix

package prompts

import (
	"regexp"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/classify/transcript/recordedtest"
)

var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)

// No line of ours is wider than the terminal. What is longer and stays whole is a
// command to copy, the line that scripts look for, and what has no blank to break at.
func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	t.Parallel()
	runs, err := recordedtest.Load("../testdata/transcripts")
	if err != nil {
		t.Fatal(err)
	}
	for _, columns := range []int{60, 80, 100} {
		s := newTerminal(t, columns, 50, true)
		u := s.ui()
		show(u)
		u.Findings("widget 1.0.0 to npmjs.org", findings)
		u.Packages("4 workspaces to npmjs.org", packages)
		u.Table([][]string{{"@acme/core", "1.0.0", "failed", "1.0.0 is already on npmjs.org with other contents than yours"}})
		for i := 0; i < len(runs); i += 7 {
			c := &classify.Case{Transcript: transcript.Read(runs[i].Input())}
			if d, failed := classify.Diagnose(c); failed {
				u.Diagnosis(d.Title(), d.Cause.ID, d.Sure, d.Evidence, Doubts(d)...)
				for _, line := range d.Advice(c) {
					u.Note("- " + line)
				}
			}
		}
		u.Done("that is all")
		s.see("that is all")
		s.mu.Lock()
		text := escapes.ReplaceAllString(string(s.raw), "")
		s.mu.Unlock()
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\r\n")
			words := strings.Fields(line)
			if cells(line) > columns && len(words) > 1 && !isCommand.MatchString(line) && cells(words[len(words)-1]) < columns/2 {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
	}
}

var isCommand = regexp.MustCompile(`^ {4,}(?:npm|safepublish) |^safepublish: `)
