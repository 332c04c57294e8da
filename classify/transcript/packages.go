package transcript

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"safepublish/classify/pattern"
)

var (
	packed   = pattern.New(`^(?:📦 *|package: )(\S+)@(\S+)$`)
	detail   = pattern.New(`^(name|version|shasum|integrity): +(\S+)$`)
	sending  = pattern.New(`^(?:Publishing|Staging) to (\S+)(?: with tag (.*) and (\S+) access)?( \(dry-run\))?$`)
	skipped  = pattern.New(`^publish Skipping workspace (\S+), marked as private$`)
	needs    = pattern.New(`^(?:publish )?This command requires you to be logged in to \S+ \(dry-run\)$`)
	scriptOf = pattern.New(`^run \S+@\S+ \w+$`)
	answer   = pattern.New(`^fetch (PUT|POST) (\d{3}) (\S+) \d+ms(?: attempt #(\d+))?`)
	// npm 1 to 5 log a request and its answer apart (npm-registry-client, lib/request.js)
	oldRequest = pattern.New(`^(?:request )?PUT (\S+)$`)
	oldAnswer  = pattern.New(`^(\d{3}) (\S+)$`)
	lost       = pattern.New(`^fetch (PUT|POST) (\S+) attempt (\d+) failed with (\S+)$`)
)

// packer reads npm's lines in order into packages and what was sent for each.
type packer struct {
	t       *Transcript
	list    []*parcel
	open    bool // within a packing list
	running bool // npm 12 just named a script
	dryRun  bool // the caller says so
	asked   bool // the log shows a request: from here on a notice may be the registry's
	notices []Line

	requested string // by npm 5 or older, and not answered yet
}

// parcel is one package and the attempts to send it, as the log shows them.
type parcel struct {
	Package
	sending  bool // npm said "Publishing to"
	attempts []attempt
}

func (p *packer) current() *parcel {
	if len(p.list) == 0 {
		return p.add(Package{})
	}
	return p.list[len(p.list)-1]
}

// add notes another package. A run of ours for one package has one, whatever the
// lines call it: npm's list is from before the scripts, its other words from after.
func (p *packer) add(pkg Package) *parcel {
	if p.t.ours.Run && !p.t.ours.Several && p.t.HasLog && len(p.list) > 0 {
		return p.list[len(p.list)-1]
	}
	p.list = append(p.list, &parcel{Package: pkg})
	return p.list[len(p.list)-1]
}

func (p *packer) line(l Line) {
	switch l.Level {
	case "notice":
		p.notice(l)
	case "warn":
		if m := skipped.FindStringSubmatch(l.Text); m != nil {
			p.drop(m[1])
			p.t.skipped = append(p.t.skipped, l)
		}
		p.t.DryRun = p.t.DryRun || !p.t.ours.Run && needs.MatchString(l.Text)
	case "http":
		p.http(l.Text)
	case "error":
		p.open = false
	}
}

// notice reads the packing list. It ends with "total files", but npm 11.12 and
// later print a line only once: in a workspace run that end, and the version,
// may be missing from the second package on (lib/utils/display.js:418).
func (p *packer) notice(l Line) {
	if p.foreign(l.Text) {
		p.notices = append(p.notices, l)
		return
	}
	if m := packed.FindStringSubmatch(l.Text); m != nil {
		p.forget(m[1], m[2])
		p.add(Package{Name: m[1], Version: m[2]})
		p.open = true
		return
	}
	if m := sending.FindStringSubmatch(l.Text); m != nil {
		p.open = false
		p.send(m)
		return
	}
	if m := detail.FindStringSubmatch(l.Text); p.open && m != nil {
		c := p.current()
		*map[string]*string{"name": &c.Name, "version": &c.Version, "shasum": &c.Shasum, "integrity": &c.Integrity}[m[1]] = m[2]
		return
	}
	if strings.HasPrefix(l.Text, "total files: ") {
		p.open = false
	} else if !p.open && l.Text != "" && !p.script(l.Text) {
		p.notices = append(p.notices, l)
	}
}

// foreign tells that a line of a run of ours may be a registry's: what names a
// package counts before the first request only, and "Publishing to" before the first
// upload. npm prints both there (lib/commands/publish.js).
func (p *packer) foreign(text string) bool {
	if !p.t.ours.Run || p.t.ours.Several || !p.asked {
		return false
	}
	if sending.MatchString(text) {
		return len(p.current().attempts) > 0
	}
	return packed.MatchString(text) || detail.MatchString(text)
}

// script tells npm 12's two lines on a script: "run demo@1.0.0 prepack", and "run"
// with its command.
func (p *packer) script(text string) bool {
	second := p.running && strings.HasPrefix(text, "run ")
	p.running = !second && scriptOf.MatchString(text)
	return second || p.running
}

func (p *packer) send(m []string) {
	c := p.current()
	if c.sending && (!p.t.ours.Run || p.t.ours.Several) { // with --json there is no packing list between two packages
		c = p.add(Package{})
	}
	c.sending, c.Tag, c.Access = true, m[2], m[3]
	if !p.t.ours.Run { // else the upload's own address tells, or npm's configuration
		c.Registry = safeURL(m[1])
		p.t.DryRun = p.dryRun || m[4] != ""
	}
}

// forget drops what was packed before under the same name and version: a script
// of the package ran npm pack or npm publish --dry-run first, on the same screen.
func (p *packer) forget(name, version string) {
	p.list = slices.DeleteFunc(p.list, func(c *parcel) bool {
		return c.Name == name && c.Version == version && len(c.attempts) == 0
	})
}

func (p *packer) drop(name string) {
	p.list = slices.DeleteFunc(p.list, func(c *parcel) bool {
		return c.Name == name || c.Name == "" && len(c.attempts) == 0 && c == p.current() && len(p.list) > 1
	})
}

func (p *packer) http(text string) {
	p.asked = p.asked || strings.HasPrefix(text, "fetch ")
	if m := answer.FindStringSubmatch(text); m != nil {
		a := attempt{n: max(1, number(m[4])), status: number(m[2])}
		p.attempt(m[1], m[3], a)
	} else if m := lost.FindStringSubmatch(text); m != nil {
		p.attempt(m[1], m[2], attempt{n: number(m[3]), failed: m[4]})
	} else if m := oldRequest.FindStringSubmatch(text); m != nil {
		p.requested = m[1]
	} else if m := oldAnswer.FindStringSubmatch(text); m != nil && m[2] == p.requested {
		p.attempt("PUT", m[2], attempt{n: 1, status: number(m[1])})
		p.requested = ""
	}
}

// attempt files what the log says of one PUT, or of one POST to the staging
// area: npm also POSTs to exchange tokens (OIDC), which is no upload.
func (p *packer) attempt(method, address string, a attempt) {
	registry, name := split(address)
	if method == "POST" && !strings.Contains(address, stage) {
		return
	}
	c := p.current()
	if c.Name != "" && !strings.EqualFold(c.Name, name) && !c.sending {
		c = p.add(Package{}) // after "Publishing to" another name is a redirect, which npm followed
	}
	c.Name, c.Registry = cmp.Or(c.Name, name), cmp.Or(c.Registry, safeURL(registry))
	c.Upload.Method, c.Upload.URL = method, safeURL(address)
	c.attempts = append(c.attempts, a)
}

// stage is where npm stage publish sends a package (npm 11.15 and later,
// libnpmpublish/lib/publish.js).
const stage = "/-/stage/package/"

// split parts the address of an upload into its registry and the package's name.
func split(address string) (registry, name string) {
	address, _, _ = strings.Cut(address, "?")
	i := strings.LastIndex(address, "/")
	if i < 0 {
		return "", ""
	}
	name, err := url.PathUnescape(address[i+1:])
	if err != nil {
		name = address[i+1:]
	}
	registry = address[:i+1]
	if j := strings.Index(registry, stage); j >= 0 {
		registry = registry[:j+1]
	}
	return registry, name
}

// PackageOf returns the name of the package that an upload's address names, "" where
// there is none.
func PackageOf(address string) string {
	_, name := split(address)
	return name
}

func safeURL(s string) string { return (*Redactor)(nil).Line(s) }

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
