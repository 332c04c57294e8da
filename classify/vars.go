package classify

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// vars returns what is known about the run by name, for titles, remedies and the
// report: package, version, registry (its host), tag, status, user, owners,
// versions, highest, exit, event, and the named groups of the row's words. What is
// not known is left out.
func vars(c *Case, row *Cause, v verdict) map[string]string {
	known := map[string]string{
		"package": c.Name(), "version": c.Version(), "registry": c.Registry(),
		"failure": failure(c, row), "tag": cmp.Or(c.Settings.Tag, c.Last().Tag), "user": c.Answers.Identity.User,
		"owners": strings.Join(c.Answers.Packument.Maintainers, ", "), "versions": strings.Join(c.Answers.Packument.Versions, ", "),
		"signal": c.Signal,
	}
	if s := c.status(); s != 0 {
		known["status"] = strconv.Itoa(s)
	}
	if h := highest(c.Answers.Packument.Versions); h != nil {
		known["highest"] = h.Original()
	}
	if c.scriptFailed() {
		known["exit"], known["event"] = scriptVars(c)
	}
	for name, value := range groups(row.Says, c.said()) {
		if known[name] == "" || name != "version" && name != "registry" {
			known[name] = value
		}
	}
	known["registry"] = npm.Host(known["registry"])
	if row.Quotes {
		known["reason"] = prefixed(": ", c.reason())
	}
	if c.sameCommit() {
		known["same"] = "published from the same commit"
	}
	for name, value := range v.Vars {
		known[name] = value
	}
	if name := known["suggested"]; npm.Scope(name) == "" || !npm.ValidName(name) { // it goes into a command line and a file
		delete(known, "suggested")
	}
	for name, value := range known {
		if value == "" {
			delete(known, name)
		}
	}
	return known
}

// failure is what the headline quotes where no row knows it.
func failure(c *Case, row *Cause) string {
	if row.ID != "unknown" {
		return ""
	}
	return prefixed(": ", c.sentence())
}

func groups(says *pattern.Pattern, text string) map[string]string {
	if says == nil {
		return nil
	}
	found := map[string]string{}
	m := says.FindStringSubmatch(text)
	for i, name := range says.SubexpNames() {
		if i < len(m) && name != "" && m[i] != "" {
			found[name] = m[i]
		}
	}
	return found
}

var (
	scriptOf6 = pattern.New(`Failed at the \S+ (\S+) script`)
	statusOf6 = pattern.New(`(?m)^Exit status (\d+)$`)
	// @npmcli/run-script, lib/run-script-pkg.js and @npmcli/promise-spawn: sh -c, in npm 8 and 9 with -- behind it; cmd /d /s /c
	scriptCommand = pattern.New(`^command .*? (?:-c(?: --)?|/c) (.+)$`)
	scriptOf12    = pattern.New(`^run \S+ (pre\S+|post\S+|prepare|publish)$`)
)

// scriptVars returns the script's exit status and its name. npm 7 to 11 name the
// script only in its banner on the screen, which is not npm's own line.
func scriptVars(c *Case) (exit, event string) {
	exit = c.Code
	if m := statusOf6.FindStringSubmatch(c.said()); c.Code == "ELIFECYCLE" {
		exit = ""
		if m != nil {
			exit = m[1]
		}
	}
	if m := scriptOf6.FindStringSubmatch(c.said()); m != nil {
		return exit, m[1]
	}
	for _, l := range c.Lines {
		if m := scriptOf12.FindStringSubmatch(l.Text); m != nil {
			event = m[1]
		}
	}
	return exit, cmp.Or(event, scriptRun(c))
}

// scriptRun returns the script of package.json that npm ran last before it ended: the
// one whose text is the command that npm names ("command sh -c husky"), where no
// other one has the same.
func scriptRun(c *Case) string {
	i := slices.IndexFunc(c.Message, func(l transcript.Line) bool { return scriptCommand.MatchString(l.Text) })
	if i < 0 {
		return ""
	}
	command := scriptCommand.FindStringSubmatch(c.Message[i].Text)[1]
	var events []string
	gjson.GetBytes(c.Package.Manifest, "scripts").ForEach(func(event, text gjson.Result) bool {
		if text.String() == command && npm.Lifecycle(event.String()) {
			events = append(events, event.String())
		}
		return true
	})
	if len(events) != 1 {
		return ""
	}
	return events[0]
}

// fallbacks are said where a Var is not known.
var fallbacks = map[string]string{
	"same": "with the same contents", "package": "this package", "registry": "the registry", "release": "this version", "status": "an error",
	"version": "this version", "tag": "this word", "scope": "the scope", "highest": "one that is published", "script": "a lifecycle script",
	"naming": "what package.json says", "manifest": "package.json is missing here, or npm cannot read it",
	"refusal": "wants a login (407)", "failure": " in a way that safepublish does not know",
	"broken": "the program did not start", "origin": "here", "spec": "from where it is", "name": "", "as": "", "suggestion": "",
	"through": "",
}

var variable = pattern.New(`\$\{(\w+)\}`)

// Title says in one line what is wrong, with what is known filled in: "@acme/widget
// 1.0.0 is already on npmjs.org". It makes sense where nothing is known, and is the
// last line on stderr where nobody may be asked.
func (d Diagnosis) Title() string {
	if d.Cause == nil {
		return ""
	}
	return variable.ReplaceAllStringFunc(d.Cause.Title, func(v string) string {
		name := v[2 : len(v)-1]
		return cmp.Or(d.word(name), fallbacks[name])
	})
}

// word returns what a title says for a name: a Var, or one made of Vars.
func (d Diagnosis) word(name string) string {
	v := d.Vars
	switch name {
	case "registry":
		return npm.Host(v["registry"])
	case "release":
		if v["package"] == "" || v["version"] == "" {
			return cmp.Or(v["package"], prefixed("version ", v["version"]))
		}
		return v["package"] + " " + v["version"]
	case "scope":
		return prefixed("the scope ", npm.Scope(v["package"]))
	case "script":
		return prefixed("the script ", v["event"])
	case "as":
		if v["user"] != "" {
			return " (" + v["user"] + ")"
		}
		return ""
	case "naming":
		return v["package"]
	case "name":
		return prefixed(" ", v["package"])
	case "refusal":
		if v["status"] == "403" {
			return "refused the upload (403)"
		}
	case "suggestion":
		return prefixed("; the registry suggests ", v["suggested"])
	}
	return v[name]
}
