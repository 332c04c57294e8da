package logs

import (
	"cmp"
	"strings"

	"safepublish/classify/transcript"
)

// What becomes of the events of the table.

// near is what a tool said of the package that it is about to publish.
type near struct{ name, version, registry, put, get string }

func (n near) fill(d *transcript.ClientReport) {
	if d.URL == "" && d.Method == "PUT" {
		d.URL = n.put
	}
	if d.Name == "" && d.URL == "" {
		d.Name = n.name
	}
	if d.Name == n.name {
		d.Version, d.Registry = cmp.Or(d.Version, n.version), cmp.Or(d.Registry, n.registry)
	}
}

// parts are the parts of an event, by name.
type parts map[string]string

func (c *form) parts(m []string) parts {
	p := parts{"text": m[0]}
	for i, name := range c.says.SubexpNames() {
		if name != "" {
			p[name] = m[i]
		}
	}
	return p
}

// match files a line of the table, or one with npm-registry-fetch's sentence.
func (f *file) match(place int, s string, m marks) bool {
	for i := range forms {
		c := &forms[i]
		if m&c.mark == 0 || c.is <= summary && f.full(publish) || c.is == nothing && f.full(other) {
			continue
		}
		if found := c.says.FindStringSubmatch(s); found != nil {
			f.event(place, c, c.parts(found))
			return true
		}
	}
	if m&isRefusal == 0 || f.full(publish) {
		return false
	}
	said, ok := refusalIn(s)
	if ok {
		f.begin(place, publish, said.text)
		if said.bare {
			f.open.form, f.open.more = "address", 1
		}
	}
	return ok
}

// event acts on one event of the table.
func (f *file) event(place int, c *form, p parts) {
	switch c.is {
	case success:
		f.finish()
		f.succeed(p["name"], p["version"], place)
	case names:
		f.finish()
		f.near = near{name: p["name"], version: p["version"], registry: p["url"]}
	case version:
		if len(f.versions) < mostKept {
			f.versions[p["name"]] = p["version"]
		}
	case header:
		f.finish()
		f.typed = command{verb: p["verb"], place: place}
		if p["verb"] == "run" {
			f.typed.verb = ""
		}
	case hint:
		if len(f.hints) < mostHints {
			f.hints = append(f.hints, transcript.Line{From: from(place), Level: "warn", Text: p["text"]})
		}
	case request: // what lerna and yarn 1 log of one, at a level that is not the usual
		switch {
		case p["method"] == "GET":
			f.near.get = p["status"]
		case p["method"] == "PUT":
			f.near.put = p["url"]
		case f.near.put == p["url"]:
			f.begin(place, publish, p["text"])
			d := &f.open.said
			d.Status, d.Method, d.URL = statusOf(p["status"]), "PUT", p["url"]
		}
	default:
		f.told(place, c, p)
	}
}

// told files the first line of a failure that the table tells.
func (f *file) told(place int, c *form, p parts) {
	kinds := map[event]kind{failed: publish, summary: publish, nothing: other}
	k, known := kinds[c.is]
	if !known {
		k = f.suspected()
	}
	f.begin(place, k, closed(p["text"]))
	f.open.more = c.more
	d := &f.open.said
	d.Name, d.Version, d.Code, d.Status, d.URL = p["name"], p["version"], cmp.Or(c.code, p["code"]), statusOf(p["status"]), p["url"]
	if p["status"] != "" || p["url"] != "" || strings.Contains(p["text"], "ublish package") {
		d.Method = "PUT"
	}
	if c.code == "E401" && f.near.get != "" { // lerna's whoami, which hides the answer
		d.Code = "E" + f.near.get
	}
	if c.is == summary {
		f.open.rank = byWord
		if p["name"] != "" { // lerna's reason comes next
			f.near = near{name: p["name"], version: p["version"]}
		}
	}
	if d.URL != "" && strings.HasSuffix(p["text"], d.URL) && c.more == 0 {
		f.open.form, f.open.more = "address", 1
	}
}

// suspected tells what a failure is of that its own words do not tell: of the package
// that is being published, of the script that was announced, or of what was typed.
func (f *file) suspected() kind {
	r := f.runs[""]
	switch {
	case f.near.name != "", r != nil && r.script != "":
		return publish
	case f.typed.verb == "" && f.typed.place > 0, f.scripted > f.typed.place:
		return other // a script of the project
	}
	return kindOfVerb(f.typed.verb)
}

// report files the failure that a client or a tool told.
func (f *file) report(r *report) {
	if f.full(r.kind) {
		return
	}
	for stream, run := range f.runs {
		if run.failed && r.first-run.last > farApart {
			f.endRun(stream)
		}
	}
	text := textOf(r.said.Lines)
	if f.toldAlready(text, r.last) {
		return
	}
	r.said.Hints = f.hints
	t := r.said.Transcript()
	switch said := messageOf(t); {
	case r.said.Name == "" && ofOther.MatchString(said):
		r.kind = other
	case r.kind == unclear && ofPublish.MatchString(said):
		r.kind = publish
	}
	f.find(failure{t: t, first: r.first, last: r.last, rank: r.rank, kind: r.kind, command: f.typed.verb}, text)
}

func textOf(lines []transcript.Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// bareSentence notes a registry's sentence that stands alone.
func (f *file) bareSentence(place int, text string) {
	if f.full(publish) || len(text) > 400 {
		return
	}
	said := refused(text)
	if said == nil {
		f.suspect(place, text)
		return
	}
	d := transcript.ClientReport{Code: said.code, Status: said.status, Lines: []transcript.Line{errorLine(place, strings.TrimSpace(text))}}
	if said.status != 0 {
		d.Method = "PUT"
	}
	f.report(&report{said: d, kind: publish, rank: byWord, first: place, last: place})
}
