package npmexec

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// identity is the answer to npm whoami, which more than one question needs.
type identity struct {
	classify.Identity
	asked string // "" where nothing came back
}

func (p *probe) askIdentity() identity {
	a := p.ask("whoami")
	switch {
	case a.ok:
		var user string
		if json.Unmarshal([]byte(a.out), &user) != nil || user == "" {
			return identity{} // npm 6 knows no --json here
		}
		if p.namedHere() {
			return identity{classify.Identity{User: user}, ""}
		}
		return identity{classify.Identity{Known: classify.Yes, User: user}, user}
	case a.code == "E401":
		return identity{classify.Identity{Known: classify.No}, "401, the registry does not accept this login"}
	case a.code == "ENEEDAUTH" && len(p.uses()) > 0: // npm says the same of an answer without a name: Verdaccio's {}, for a dead token
		return identity{classify.Identity{Known: classify.No}, "the registry names nobody for this login"}
	case a.code == "ENEEDAUTH":
		return identity{classify.Identity{Known: classify.No}, "npm has no login for " + p.registry}
	case slices.Contains(noSuchAddress, a.code):
		return identity{classify.Identity{WhoamiUnsupported: true}, "the registry does not know this question (" + a.code[1:] + ")"}
	}
	return identity{}
}

// namedHere tells whether npm whoami reads the name from an .npmrc instead of asking: it
// does for a user and a password, _auth included (npm 8 to 12, lib/utils/get-identity.js),
// and so its answer says nothing of whether the registry accepts them.
func (p *probe) namedHere() bool {
	return slices.ContainsFunc(p.uses(), func(s classify.Setting) bool {
		_, kind := classify.CredentialKey(s.Key)
		return kind == "_password" || kind == "_auth"
	})
}

// uses are the credentials that npm has for the registry.
func (p *probe) uses() []classify.Setting {
	return p.npm.Npmrc(p.ctx, p.npm.Args).Credential(p.registry).Uses
}

// noSuchAddress are npm's codes for a registry that has no such address.
var noSuchAddress = []string{"E404", "E405", "E501"}

func (p *probe) whoami(f *classify.Answers) classify.Asked {
	id := p.identity()
	if id.asked == "" {
		return nothing
	}
	f.Identity = id.Identity
	return classify.Asked{From: "npm whoami", Text: id.asked}
}

// listAccess returns the words of npm access for a list, which npm 9 renamed.
func (p *probe) listAccess(what string) []string {
	if v := p.npm.Version(p.ctx); v.Known() && !v.Has(npm.AccessList) {
		return []string{"access", "ls-" + what}
	}
	return []string{"access", "list", what}
}

// access asks who may write the package, and looks for this user in the list.
func (p *probe) access(f *classify.Answers) classify.Asked {
	list := append(p.listAccess("collaborators"), p.name)
	a := p.ask(list...)
	id, users := p.identity(), gjson.Parse(a.out)
	note := classify.Asked{From: "npm " + strings.Join(list, " ")}
	switch {
	case a.code == "E401" && id.Known == classify.No:
		f.Alive, note.Text = classify.No, "401, the registry does not accept this login"
		return note
	case !a.ok || !users.IsObject() || len(users.Map()) == 0:
		return nothing
	case id.Known == classify.No && p.needsLogin(list):
		f.Alive, note.Text = classify.Yes, "answered, but not without the token"
		return note
	case id.User == "":
		return nothing
	}
	switch users.Map()[id.User].String() {
	case "read-write", "write":
		f.MayWrite, note.Text = classify.Yes, id.User+" may publish it"
	case "read-only", "read":
		f.MayWrite, note.Text = classify.No, id.User+" may only read it"
	default:
		f.MayWrite, note.Text = classify.No, id.User+" is not among those who may publish it"
	}
	return note
}

// needsLogin tells whether the registry refuses a question to a stranger: an answer to
// it then proves that a token is alive.
func (p *probe) needsLogin(question []string) bool {
	question = append(slices.Clone(question), nobody(p.registry)...)
	return slices.Contains([]string{"E401", "E403", "E404", "ENEEDAUTH"}, p.ask(question...).code)
}

// member asks whether this account belongs to the package's scope. A list of the
// members that is not shown says nothing.
func (p *probe) member(f *classify.Answers) classify.Asked {
	scope, user := strings.TrimPrefix(npm.Scope(p.name), "@"), p.identity().User
	switch user {
	case scope:
		f.Member = classify.Yes
		return nothing
	case "":
		return nothing
	}
	a := p.ask("org", "ls", scope) // npm itself picks one user out of all of them
	users := gjson.Parse(a.out)
	if !a.ok || !users.IsObject() {
		return nothing
	}
	note := classify.Asked{From: "npm org ls " + scope}
	if role := users.Map()[user]; role.Exists() {
		f.Member, note.Text = classify.Yes, user+" belongs to it as "+role.String()
	} else {
		f.Member, note.Text = classify.No, user+" does not belong to it"
	}
	return note
}

// scope asks for the packages of the scope, as an organization's and then as a
// user's (libnpmaccess, lib/index.js, getPackages): npmjs.org answers 404 to both
// where there is neither. A registry that does not know the question answers 404
// too, so another one's 404 counts only if it does know our own user.
func (p *probe) scope(f *classify.Answers) classify.Asked {
	list := p.listAccess("packages")
	question := append(slices.Clone(list), npm.Scope(p.name))
	a := p.ask(question...)
	note := classify.Asked{From: "npm " + strings.Join(question, " ")}
	switch {
	case a.ok && (gjson.Parse(a.out).IsObject() || strings.TrimSpace(a.out) == "null"): // npm 8 and older: no package yet
		f.ScopeExists, note.Text = classify.Yes, "the scope exists"
	case a.code == "E404" && (npm.IsPublic(p.registry) || p.knowsUsers(list)):
		f.ScopeExists, note.Text = classify.No, "404, there is no such user or organization"
	default:
		return nothing
	}
	return note
}

func (p *probe) knowsUsers(list []string) bool {
	id := p.identity()
	return id.User != "" && p.ask(append(slices.Clone(list), id.User)...).ok
}
