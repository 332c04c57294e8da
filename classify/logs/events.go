package logs

import (
	"cmp"
	"slices"
	"strings"

	"safepublish/classify/transcript"
)

// What becomes of the events of the table.

// announced is what a tool said of the package that it is about to publish, and of its
// requests.
type announced struct{ name, version, registry, put, get string }

// fill adds to a report what the tool had said before.
func (a announced) fill(d *transcript.ClientReport) {
	if d.URL == "" && d.Method == "PUT" {
		d.URL = a.put
	}
	if d.Name == "" && d.URL == "" {
		d.Name = a.name
	}
	if d.Name == a.name {
		d.Version, d.Registry = cmp.Or(d.Version, a.version), cmp.Or(d.Registry, a.registry)
	}
}

// event is what a line of the table says.
type event struct {
	form
	place int
	mark  string            // what a tool puts before each line of a failure's
	parts map[string]string // by name; "text" is the message
}

// match files a line of the table, or one with npm-registry-fetch's sentence.
func (rd *reader) match(l line) bool {
	for i := range forms {
		c := &forms[i]
		if !l.has(c.mark) || c.is <= summary && rd.full(publish) || c.is == notPublish && rd.full(other) {
			continue
		}
		if found := c.says.FindStringSubmatch(l.text); found != nil {
			parts := map[string]string{"text": found[0]}
			for i, name := range c.says.SubexpNames() {
				parts[name] = found[i]
			}
			rd.event(event{*c, l.place, strings.TrimSpace(quoteMark.FindString(l.text)), parts})
			return true
		}
	}
	if !l.has(isRefusal) || rd.full(publish) {
		return false
	}
	said, ok := refusalIn(l.text)
	if ok {
		rd.begin(l.place, publish, said.text)
		if said.bare {
			rd.expect(oneMore, 1)
		}
	}
	return ok
}

// isForm tells a line of the table.
func isForm(l line) bool {
	return slices.ContainsFunc(forms, func(c form) bool { return l.has(c.mark) && c.says.MatchString(l.text) })
}

// event acts on one event.
func (rd *reader) event(e event) {
	p := e.parts
	switch e.is {
	case success:
		rd.endReport()
		rd.succeed(p["name"], p["version"], e.place)
	case announces:
		rd.endReport()
		rd.announced = announced{name: p["name"], version: p["version"], registry: p["url"]}
	case again:
		rd.triesAgain(p["name"], e.place)
	case version:
		if len(rd.versions) < mostKept {
			rd.versions[p["name"]] = p["version"]
		}
	case header:
		rd.endReport()
		rd.typed = command{verb: p["verb"], place: e.place, byTool: strings.HasPrefix(p["text"], "lerna ")}
		if p["verb"] == "run" {
			rd.typed.verb = ""
		}
	case lists:
		rd.endReport()
		rd.listed = e.place
	case listed, listedTask:
		rd.list(e)
	case hint:
		if len(rd.hints) < mostHints {
			rd.hints = append(rd.hints, transcript.Line{From: from(e.place), Level: "warn", Text: p["text"]})
		}
	case request:
		rd.request(e)
	default:
		rd.failure(e)
	}
}

// listsAt tells whether this line goes on with a list of packages.
func (rd *reader) listsAt(place int) bool { return rd.listed > 0 && rd.listed == place-1 }

// list files one of a list; between projects of nx's there may be other targets.
func (rd *reader) list(e event) {
	near := e.is == listedTask && rd.listed > 0 && e.place-rd.listed <= mostOtherTasks
	if !near && !rd.listsAt(e.place) {
		return
	}
	rd.listed = e.place
	if e.is == listedTask {
		rd.addTask(e.parts["name"], e.place)
		return
	}
	e.is = summary
	rd.failure(e)
}

// request files what lerna and yarn 1 log of one, at a level that is not the usual.
func (rd *reader) request(e event) {
	switch p := e.parts; {
	case p["method"] == "GET":
		rd.announced.get = p["status"]
	case p["method"] == "PUT":
		rd.announced.put = p["url"]
	case rd.announced.put == p["url"]:
		d := &rd.begin(e.place, publish, p["text"]).said
		d.Status, d.Method, d.URL = statusOf(p["status"]), "PUT", p["url"]
	}
}

// failure begins the report of a failure that the table tells.
func (rd *reader) failure(e event) {
	kinds := map[meaning]kind{failed: publish, summary: publish, notPublish: other}
	k, known := kinds[e.is]
	if !known {
		k = rd.suspected()
	}
	p := e.parts
	if e.mark != "" && p["name"] != "" && rd.runs[e.mark] != nil { // npm's block for the package before
		rd.endReport()
		rd.endRun(e.mark)
	}
	r := rd.begin(e.place, k, closed(p["text"]))
	r.mark = e.mark
	rd.expect(asTable, e.more)
	d := &r.said
	d.Name, d.Version, d.Code, d.Status, d.URL = p["name"], p["version"], cmp.Or(e.code, p["code"]), statusOf(p["status"]), p["url"]
	if e.is == summary || p["status"] != "" || p["url"] != "" || strings.Contains(p["text"], "ublish package") {
		d.Method = "PUT"
	}
	if e.code == "E401" && rd.announced.get != "" { // lerna's whoami, which hides the answer
		d.Code = "E" + rd.announced.get
	}
	if e.is == summary {
		r.rank = byWord
		if p["name"] != "" { // lerna's reason comes next
			rd.announced = announced{name: p["name"], version: p["version"]}
		}
	}
}

// triesAgain files that a tool tries a package again: what npm said last is of this
// package, and so is what it says next.
func (rd *reader) triesAgain(name string, place int) {
	rd.endReport()
	if rd.runs[""] != nil {
		rd.runs[""].about = announced{name: name}
		rd.endRun("")
	}
	rd.announced = announced{name: name}
}

// suspected tells what a failure is of that its own words do not tell: of the package
// that is being published, of the script that was announced, or of what was typed.
func (rd *reader) suspected() kind {
	r := rd.runs[""]
	switch {
	case rd.announced.name != "", r != nil && r.script != "":
		return publish
	case rd.typed.byTool: // the script that runs the tool ends as the tool did
		return unclear
	case rd.typed.verb == "" && rd.typed.place > 0, rd.script > rd.typed.place:
		return other // a script of the project
	}
	return kindOfVerb(rd.typed.verb)
}

// fileReport files the failure that a client or a tool told.
func (rd *reader) fileReport(r *report) {
	if rd.full(r.kind) {
		return
	}
	text := r.said.Name + r.said.Version + textOf(r.said.Lines)
	if rd.toldAlready(text, r.place.last) {
		return
	}
	r.said.Hints = rd.hints
	t := r.said.Transcript()
	switch said := messageOf(t); {
	case r.said.Name == "" && ofOther.MatchString(said), r.kind == unclear && readsPackage(said):
		r.kind = other
	case r.kind == unclear && ofPublish.MatchString(said):
		r.kind = publish
	}
	rd.find(failure{t: t, place: r.place, rank: r.rank, kind: r.kind, command: rd.typed.verb}, text)
}

// loneSentence notes a registry's sentence that stands alone.
func (rd *reader) loneSentence(place int, text string) {
	if rd.full(publish) || len(text) > 400 {
		return
	}
	s := findSentence(text)
	if s == nil {
		rd.suspect(place, text)
		return
	}
	d := transcript.ClientReport{Code: s.code, Status: s.status, Lines: []transcript.Line{errorLine(place, strings.TrimSpace(text))}}
	if s.status != 0 {
		d.Method = "PUT"
	}
	rd.fileReport(&report{said: d, kind: publish, rank: byWord, place: span{place, place}})
}
