package classify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

var (
	codeLine   = pattern.New(`^(code|errno|syscall|path|file) `)
	scriptLine = pattern.New(`^command .* -c |^Failed at the `)
	uploadLine = pattern.New(`^fetch (PUT|POST) \d{3} `)
	answerLine = pattern.New(`^(?:E?\d{3} )?(\d{3} (.*?)) - (?:PUT|POST) \S+ - (.+)$`)
	bareAnswer = pattern.New(`^(\d{3} .*?) - (?:PUT|POST) \S+`)
	twiceLine  = pattern.New(`^(?:E?\d{3} )(\d{3} .*)`)
)

// shown returns npm's own lines that show the cause: the one with the words that
// fit, else the first that says more than a code.
func shown(c *Case, row *Cause) []Evidence {
	if script := c.scriptShown(); script != nil {
		return script
	}
	var said *transcript.Line
	for i, l := range c.Message {
		if row.Says != nil && row.Says.MatchString(l.Text) {
			said = &c.Message[i]
			break
		}
		if said == nil && !codeLine.MatchString(l.Text) && strings.TrimSpace(l.Text) != "" {
			said = &c.Message[i]
		}
	}
	switch {
	case said != nil:
		return []Evidence{{said.From, plain(said.Text)}}
	case len(c.Message) > 0:
		return []Evidence{{c.Message[0].From, c.Message[0].Text}}
	case c.Signal != "":
		return []Evidence{{"npm", "ended by a signal: " + c.Signal}}
	case c.Exit > 0 && c.NeverStarted: // what it said stands on the screen, and is not npm's
		return []Evidence{{"npm", fmt.Sprintf("ended with status %d before npm began", c.Exit)}}
	case c.Exit > 0:
		return []Evidence{{"npm", fmt.Sprintf("ended with status %d and said nothing", c.Exit)}}
	}
	return nil
}

// scriptShown returns what a script that failed has printed last, under its name, else
// what it runs; nil where no script failed.
func (c *Case) scriptShown() []Evidence {
	if !c.scriptFailed() {
		return nil
	}
	if c.ScriptSaid.Text != "" {
		_, event := scriptVars(c)
		return []Evidence{{cmp.Or(event, c.ScriptSaid.From), c.ScriptSaid.Text}}
	}
	for _, l := range c.Message {
		if m := scriptCommand.FindStringSubmatch(l.Text); m != nil {
			return []Evidence{{l.From, "the script is: " + m[1]}}
		}
		if scriptLine.MatchString(l.Text) {
			return []Evidence{{l.From, plain(l.Text)}}
		}
	}
	return nil
}

// sentence returns the first of npm's own lines that says more than a code, "" where
// none does. Of an answer without words of the registry's it is the status.
func (c *Case) sentence() string {
	for _, l := range c.Message {
		text := strings.TrimSpace(plain(l.Text))
		if m := bareAnswer.FindStringSubmatch(text); m != nil {
			text = m[1]
		}
		if !codeLine.MatchString(l.Text) && !transcript.Quotes(l.Text) && strings.Count(text, " ") >= 2 {
			return cut(text)
		}
	}
	return ""
}

// cut shortens what is quoted in a headline.
func cut(text string) string {
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}

// plain takes the noise out of npm's line about an answer: the status that stands
// there twice, and the address between the status and the registry's own words,
// where it has any.
func plain(text string) string {
	if m := answerLine.FindStringSubmatch(text); m != nil && !strings.EqualFold(m[2], m[3]) {
		return m[1] + " - " + m[3]
	}
	if _, after, found := strings.Cut(text, " is not a legal HTTP header value"); found && after == "" {
		return "… is not a legal HTTP header value" // before it stands the rest of the token
	}
	return twiceLine.ReplaceAllString(text, "$1")
}

// lastUpload returns the last line about an answer to the upload.
func (c *Case) lastUpload() transcript.Line {
	last := transcript.Line{From: "npm"}
	for _, l := range c.Lines {
		if l.Level == "http" && uploadLine.MatchString(l.Text) {
			last = l
		}
	}
	return last
}

// addEvidence appends what is not there yet.
func addEvidence(all []Evidence, more ...Evidence) []Evidence {
	for _, e := range more {
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return all
}
