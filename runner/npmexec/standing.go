package npmexec

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
)

// listAccess returns the words of npm access for a list, which npm 9 renamed.
func (p *probe) listAccess(what string) []string {
	if v := major(p.r.Version(p.ctx)); v > 0 && v < 9 {
		return []string{"access", "ls-" + what}
	}
	return []string{"access", "list", what}
}

// access asks who may write the package, and looks for this user in the list.
func (p *probe) access() func(*classify.Facts) {
	list := append(p.listAccess("collaborators"), p.name)
	a := p.ask(list...)
	id, users := p.identity(), gjson.Parse(a.out)
	switch {
	case a.code == "E401" && id.Known == classify.No:
		return func(f *classify.Facts) {
			f.Alive = classify.No
			note(f, "npm "+strings.Join(list, " "), "401, the registry does not accept this login")
		}
	case !a.ok || !users.IsObject() || len(users.Map()) == 0:
		return nil
	case id.Known == classify.No && p.secret(list):
		return func(f *classify.Facts) {
			f.Alive = classify.Yes
			note(f, "npm "+strings.Join(list, " "), "answered, which it is not without the token")
		}
	case id.User == "":
		return nil
	}
	may, words := classify.No, id.User+" is not among those who may write it"
	switch users.Map()[id.User].String() {
	case "read-write", "write":
		may, words = classify.Yes, id.User+" may write it"
	case "read-only", "read":
		words = id.User + " may only read it"
	}
	return func(f *classify.Facts) {
		f.MayWrite = may
		note(f, "npm "+strings.Join(list, " "), words)
	}
}

// secret tells whether the registry refuses a question to a stranger: an answer to
// it then proves that a token is alive. npm takes an empty value on the command
// line for none (npm-registry-fetch, lib/auth.js).
func (p *probe) secret(question []string) bool {
	dart := classify.NerfDart(p.registry)
	for _, kind := range []string{"_authToken", "_auth", "username", "_password"} {
		question = append(slices.Clone(question), "--"+dart+":"+kind+"=")
	}
	a := p.ask(question...)
	return slices.Contains([]string{"E401", "E403", "E404", "ENEEDAUTH"}, a.code)
}

// member asks whether this account belongs to the package's scope. A list of the
// members that is not shown says nothing.
func (p *probe) member() func(*classify.Facts) {
	scope, id := strings.TrimPrefix(scopeOf(p.name), "@"), p.identity()
	if id.User == "" {
		return nil
	}
	if id.User == scope {
		return func(f *classify.Facts) { f.Member = classify.Yes }
	}
	a := p.ask("org", "ls", scope, id.User)
	users := gjson.Parse(a.out)
	if !a.ok || !users.IsObject() {
		return nil
	}
	member, words := classify.No, id.User+" does not belong to it"
	if users.Map()[id.User].Exists() {
		member, words = classify.Yes, id.User+" belongs to it as "+users.Map()[id.User].String()
	}
	return func(f *classify.Facts) {
		f.Member = member
		note(f, "npm org ls "+scope, words)
	}
}

// scope asks for the packages of the scope, as an organization's and then as a
// user's (libnpmaccess, lib/index.js, getPackages): npmjs.org answers 404 to both
// where there is neither. A registry that does not know the question answers 404
// too, so another one's 404 counts only if it does know our own user.
func (p *probe) scope() func(*classify.Facts) {
	list, scope := p.listAccess("packages"), scopeOf(p.name)
	a := p.ask(append(list, scope)...)
	there, words := classify.Unknown, ""
	switch {
	case a.ok && (gjson.Parse(a.out).IsObject() || strings.TrimSpace(a.out) == "null"): // npm 8 and older: no package yet
		there, words = classify.Yes, "the scope exists"
	case a.code == "E404" && (isNpmjs(p.registry) || p.knowsUsers(list)):
		there, words = classify.No, "404, there is no such user or organization"
	default:
		return nil
	}
	return func(f *classify.Facts) {
		f.ScopeThere = there
		note(f, strings.Join(append([]string{"npm"}, append(list, scope)...), " "), words)
	}
}

func (p *probe) knowsUsers(list []string) bool {
	id := p.identity()
	return id.User != "" && p.ask(append(list, id.User)...).ok
}

func isNpmjs(registry string) bool {
	u, err := url.Parse(registry)
	return err == nil && (u.Hostname() == "npmjs.org" || strings.HasSuffix(u.Hostname(), ".npmjs.org"))
}
