package transcript

import (
	"cmp"
	"slices"
	"strings"

	"safepublish/classify/pattern"
)

// Read reads one run of npm. Where there is a debug log, Lines, Code and Message
// are from it; the screen, or stdout and stderr, still tell what a log does not:
// "+ name@version", a question npm asked, the address it offered, JSON.
func Read(in Input) Transcript {
	t := Transcript{Exit: in.Exit, Signal: in.Signal, DryRun: in.DryRun, ours: in.Ours, asking: unanswered.Match(in.Screen)}
	t.readLog(in.Log)
	t.HasLog = len(t.Lines) > 0
	return t.read(streams(in))
}

// A saved log may have other text around it, so this part is common to both.
func (t *Transcript) read(xs []text) Transcript {
	shown := shownLines(xs)
	t.seen = shown
	if t.fromLog = len(t.Lines) > 0; t.fromLog {
		t.Message = errorsOf(t.Lines)
	} else {
		t.Message = lastBlock(shown)
		t.Lines = withLevel(shown)
	}
	p := &packer{t: t, dryRun: t.DryRun}
	for _, l := range t.Lines {
		p.line(l)
	}
	t.Notices = p.notices
	t.code()
	t.readJSON(p, xs)
	t.readPlus(p, xs)
	t.readBare(p, xs)
	t.Prompted, t.AuthURL = prompted(xs), cmp.Or(t.AuthURL, authURL(xs))
	t.readScript(xs)
	t.NeverStarted = t.neverStarted()
	t.fail()
	t.finish(p)
	t.Unproven = t.unproven()
	t.Command = t.command()
	return *t
}

func streams(in Input) []text {
	var xs []text
	for _, x := range []struct {
		from string
		raw  []byte
	}{{"screen", in.Screen}, {"stdout", in.Stdout}, {"stderr", in.Stderr}} {
		if len(x.raw) > 0 {
			xs = append(xs, text{from: x.from, lines: Replay(x.raw)})
		}
	}
	return xs
}

// shownLines are the lines of the stream that npm's log goes to.
func shownLines(xs []text) []Line {
	var out []Line
	for _, x := range xs {
		if x.from != "stdout" {
			out = append(out, x.own()...)
		}
	}
	return out
}

// code takes the code out of the message: "code E403" says nothing to a person.
func (t *Transcript) code() {
	for i, l := range t.Message {
		if m := codeLine.FindStringSubmatch(l.Text); m != nil {
			t.Code = m[1]
			if len(t.Message) > 1 { // else it is all that there is to show
				t.Message = slices.Delete(slices.Clone(t.Message), i, i+1)
			}
			return
		}
	}
}

// readJSON takes the failure from npm's last document where its lines said
// nothing, and the packages from all.
func (t *Transcript) readJSON(p *packer, xs []text) {
	for _, x := range xs {
		docs := documents(x)
		for _, d := range docs {
			for _, pkg := range d.packed() {
				p.merge(pkg)
			}
		}
		if len(docs) == 0 {
			continue
		}
		code, lines, address := docs[len(docs)-1].failure()
		t.AuthURL = cmp.Or(t.AuthURL, address)
		if len(t.Message) == 0 && t.Exit != 0 {
			t.Code, t.Message = code, lines
		}
	}
}

// merge files what --json says of a package with what npm's lines said of it.
func (p *packer) merge(pkg Package) {
	for _, c := range p.list {
		if c.Name == pkg.Name && (c.Version == "" || c.Version == pkg.Version) {
			c.Version, c.Shasum, c.Integrity, c.Published = pkg.Version, pkg.Shasum, pkg.Integrity, true
			return
		}
	}
	for _, c := range p.list {
		if c.Name == "" && c.sending { // "Publishing to" names no package
			c.Name = pkg.Name
			p.merge(pkg)
			return
		}
	}
	p.add(pkg)
}

func (t *Transcript) readBare(p *packer, xs []text) {
	if len(t.Message) > 0 || t.Exit == 0 && len(p.list) > 0 {
		return
	}
	for _, x := range xs {
		if lines := bareError(x); lines != nil {
			t.Message, t.bare = lines, true
			return
		}
	}
}

// unanswered matches a screen that ends at npm's question for a one-time password:
// Enter ends the line, and only then the upload is sent again (read, lib/read.js).
var unanswered = pattern.New(`Enter OTP:[^\r\n]*$`)

// prompted looks behind the packing list only: a script before it may print
// anything, and npm asks after the first upload.
func prompted(xs []text) bool {
	for _, x := range xs {
		if x.from != "screen" {
			continue
		}
		for i := len(x.lines) - 1; i >= 0; i-- {
			if Asks(x.lines[i]) {
				return true
			}
			if _, level, text := screenLine(x.lines[i]); goesOn(Line{"", level, text}) {
				return false
			}
		}
	}
	return false
}

// authURL returns the address below npm's own words for it. Logs and pipes have
// "***" in it (npm's redaction), which is of no use to anybody.
func authURL(xs []text) string {
	address := ""
	for _, x := range xs {
		for i, s := range x.lines[:max(0, len(x.lines)-1)] {
			if strings.HasSuffix(s, "Authenticate your account at:") || strings.HasSuffix(s, "Open this URL in your browser to authenticate:") {
				if f := strings.Fields(x.lines[i+1]); len(f) > 0 && strings.Contains(f[len(f)-1], "://") && !strings.Contains(f[len(f)-1], "***") {
					address = f[len(f)-1]
				}
			}
		}
	}
	return address
}

// fail decides whether the run failed. A status of 0 outweighs any text, but for
// two failures that end with 0 all the same (npm 8's misspelt command, npm 6's
// unset variable).
func (t *Transcript) fail() {
	if t.Exit == 0 && t.Signal == "" && !t.bare {
		t.Code, t.Message = "", nil
		return
	}
	t.Failed = t.Exit > 0 || t.Signal != "" || t.Code != "" || len(t.Message) > 0
	text := said(t.Message)
	gone := strings.Contains(text, "Exit handler never called!") || strings.Contains(text, "cb() never called!")
	nothing := len(t.Message) == 0 && t.Signal == "" && t.Exit > 0
	t.Canceled = t.Code == "" && (strings.TrimSpace(text) == "canceled" || t.Prompted && (gone || nothing))
}

// readPlus marks the packages for which npm printed "+ name@version". A script
// can print one too: where npm told what it packed, no other is believed, and where
// its log is there, none that no upload in it stands behind. A script that runs npm
// publish itself prints that npm's line.
func (t *Transcript) readPlus(p *packer, xs []text) {
	known := len(p.list) > 0 || t.fromLog
	for _, x := range xs {
		for _, s := range x.lines {
			name, version, ok := Plus(s)
			if !ok || x.from == "stderr" {
				continue
			}
			found := false
			for _, c := range p.list {
				if c.Name == name && c.Version == version {
					c.Published, found = !t.fromLog || c.sending || len(c.attempts) > 0, true
				}
			}
			if !found && !known {
				p.add(Package{Name: name, Version: version, Published: true})
			}
		}
	}
}

// readScript takes the script that npm announced last, and the last line that it printed
// before npm's own words about its end. A stream without npm's announcement (stderr, up to
// npm 11) counts where it can only be that script's.
func (t *Transcript) readScript(xs []text) {
	announced := 0
	for _, x := range xs {
		for _, s := range x.lines {
			if id, event, ok := Banner(s); ok {
				t.script, t.event = id, event
				announced++
			}
		}
	}
	for _, x := range xs {
		if line, own := x.lastOfScript(); line.Text != "" && (own || announced == 1) {
			t.ScriptSaid = line
		}
	}
}

// lastOfScript returns the last line of a script in one stream; own tells that npm has
// announced it there.
func (x text) lastOfScript() (last Line, own bool) {
	heading := x.heading()
	ended := false
	for i, s := range x.lines {
		_, _, banner := Banner(s)
		word, level, _ := screenLine(s)
		switch {
		case banner:
			last, own, ended = Line{}, true, false
		case level == "error" && word == heading, s == "{": // npm's own words, as JSON too
			ended = true
		case !ended && strings.TrimSpace(s) != "" && (level == "" || word != heading) && !strings.HasPrefix(s, "> "):
			last = Line{From: x.at(i), Text: s}
		}
	}
	return last, own
}

func (t *Transcript) command() string {
	for _, p := range t.Packages {
		if p.Upload.Method == "POST" {
			return "stage publish"
		}
	}
	switch {
	case t.Title != "":
		return strings.TrimPrefix(t.Title, "npm ")
	case slices.ContainsFunc(t.Lines, func(l Line) bool { return strings.HasPrefix(l.Text, "Staging to ") }):
		return "stage publish"
	case len(t.Packages) > 0 && t.Packages[0].Registry != "", strings.Contains(said(t.Message), " - PUT "):
		return "publish"
	}
	return ""
}
