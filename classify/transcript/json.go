package transcript

import (
	"strings"

	"github.com/tidwall/gjson"
)

// documents returns the JSON documents that npm prints with --json: each stands
// alone from a line "{" to a line "}", for npm indents by two.
func documents(x text) []document {
	var out []document
	start := -1
	for i, s := range x.lines {
		switch {
		case s == "{":
			start = i
		case s == "}" && start >= 0:
			doc := strings.Join(x.lines[start:i+1], "\n")
			if gjson.Valid(doc) {
				out = append(out, document{gjson.Parse(doc), x.at(start)})
			}
			start = -1
		}
	}
	return out
}

type document struct {
	gjson.Result
	from string
}

// failure returns the "error" member of npm's last document as lines, the code
// and the address for a second factor (npm 11.12 and later print it here
// unredacted, and only here).
func (d document) failure() (code string, lines []Line, authURL string) {
	e := d.Get("error")
	if !e.IsObject() {
		return "", nil, ""
	}
	for _, key := range []string{"summary", "detail"} {
		for s := range strings.SplitSeq(e.Get(key).String(), "\n") {
			if s != "" {
				lines = append(lines, Line{d.from, "error", s})
			}
		}
	}
	return e.Get("code").String(), lines, e.Get("authUrl").String()
}

// packed returns the packages that a document lists: one flat object up to npm
// 11.6 and for a single package, else one member for each, by name.
func (d document) packed() []Package {
	var out []Package
	take := func(v gjson.Result) {
		if v.Get("shasum").Exists() && v.Get("name").String() != "" {
			out = append(out, Package{
				Name: v.Get("name").String(), Version: v.Get("version").String(),
				Shasum: v.Get("shasum").String(), Integrity: v.Get("integrity").String(), Published: true,
			})
		}
	}
	take(d.Result)
	if len(out) == 0 {
		d.ForEach(func(_, v gjson.Result) bool { take(v); return true })
	}
	return out
}
