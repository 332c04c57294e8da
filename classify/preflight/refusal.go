package preflight

import (
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// ScriptsBefore returns the scripts that npm will run before the upload: a build that
// is wasted where the publish is refused after it. npm 6 runs prepublish as well.
func ScriptsBefore(c *classify.Case) []string {
	if c.Package.Kind != "folder" || c.Settings.Values["ignore-scripts"] == "true" {
		return nil
	}
	return slices.DeleteFunc(npm.ScriptsBeforeUpload(c.By()), func(event string) bool { return field(c, "scripts."+event).String() == "" })
}

// CertainRefusal returns the refusal that a publish is sure to meet once its scripts
// have run, so that they need not run; ok is false where there is none. It goes by what
// is certain whatever is packed: a version that is there is not, for these may be
// the very same contents, and a job that runs twice is then done. A wall that
// package.json alone makes is not certain either where a script may rewrite that file.
//
// Where early is false only what npm would publish counts: a dependency that nobody can
// install, and up to npm 10 a dist-tag that npm 11 refuses. That is no matter of time. The
// refusal of a dist-tag stands although a script may rewrite the file, for nothing looks
// after the scripts; it is not sure then, and says how to go on.
func CertainRefusal(c *classify.Case, early bool) (d classify.Diagnosis, ok bool) {
	for _, w := range find(c, Next{}) {
		ofTag := !c.By().Has(npm.ChecksDistTag) && (w.Cause == "prerelease-tag" || w.Cause == "latest-behind")
		ours := ofTag || w.Cause == "unresolved-protocol"
		if w.Mark != Wall || !w.Certain || !ours && !(early && lasts(c, w)) {
			continue
		}
		d := diagnosis(c, w)
		if ofTag && MayRewrite(c) {
			d.Sure = false
			d.Evidence = append(d.Evidence, classify.Evidence{
				From: "package.json", Text: "a script runs before the upload; if it sets another version, --tag latest publishes that one as latest",
			})
		}
		return d, true
	}
	return classify.Diagnosis{}, false
}

// Questions returns what CertainRefusal wants to know of the package.
func Questions(c *classify.Case) []classify.Question {
	return []classify.Question{classify.AskPackument, classify.AskThis}
}

// AccountQuestions returns what CertainRefusal wants to know next of the account: whether
// npm finds no login either where none was found; of a registry with npmjs.org's rules,
// whether it takes the login, and, where that or the package's maintainers leave a doubt,
// what it says of who may write the package.
func AccountQuestions(c *classify.Case) []classify.Question {
	asked := func(q classify.Question) bool { return slices.Contains(c.Answers.Questions, q) }
	ours := LikeNPM(c.Registry()) && !trusted(c) && c.Credential().Holds() == classify.HeldPresent
	switch {
	case c.Settings.Values["dry-run"] == "true", !ours && !NoLogin(c):
		return nil
	case !asked(classify.AskIdentity):
		return []classify.Question{classify.AskIdentity}
	case ours && doubtful(c) && !asked(classify.AskAccess):
		return []classify.Question{classify.AskAccess}
	}
	return nil
}

// Doubts returns what Find wants to know besides, where it is known what the registry shows
// of the package and who the login is: who may write it where its maintainers do not tell,
// whether a login lives that is given no name, and whose the scope of a new package is.
func Doubts(c *classify.Case) (asks []classify.Question) {
	who := c.Answers.Identity
	if NoLogin(c) {
		return nil
	}
	if who.Known == classify.Unknown || doubtful(c) {
		asks = append(asks, classify.AskAccess)
	}
	if scope := c.Scope(); c.Answers.Packument.Found == classify.No && scope != "" && scope != "@"+who.User {
		asks = append(asks, classify.AskScope, classify.AskMember)
	}
	return asks
}

// doubtful tells whether the registry refuses to name the login, or the package's
// maintainers do not have it.
func doubtful(c *classify.Case) bool {
	known, found := c.Answers.Identity.Known, c.Answers.Packument.Found
	return known == classify.No || known == classify.Yes && found == classify.Yes && c.MayWrite() != classify.Yes
}

// VersionExists is the diagnosis of a version that the registry shows, where nobody wants to
// find out whether a build makes the same contents.
func VersionExists(c *classify.Case) classify.Diagnosis {
	compared := "if npm packs the same contents, that is no failure"
	if c.SameBytes() == classify.No {
		compared = "without its scripts the package packs to other contents"
	}
	return classify.Diagnosis{
		Cause: classify.Lookup("version-exists"), Sure: true, Vars: vars(c),
		Evidence: []classify.Evidence{
			{From: "npm view " + c.Name(), Text: c.Version() + " is there"},
			{From: "check", Text: "no script has run and nothing was sent; " + compared},
		},
	}
}

func vars(c *classify.Case) map[string]string {
	return map[string]string{"package": c.Name(), "version": c.Version(), "registry": c.Registry(), "tag": c.Settings.Tag}
}

// MayRewrite reports whether a script that runs before the upload may write
// package.json, so that what the file says now is not what will be published: a script
// that says so (npm version, npm pkg, clean-package and the like), and any whose commands
// are not all known to leave it alone. node stamp.js and make say nothing of what they do.
func MayRewrite(c *classify.Case) bool {
	texts, scripts := scriptTexts(c), field(c, "scripts").Map()
	if rewrites.MatchString(texts) {
		return true
	}
	return slices.ContainsFunc(between.Split(texts, -1), func(command string) bool {
		m := program.FindStringSubmatch(command)
		return m != nil && !scripts[m[1]].Exists() && !slices.Contains(builders, m[1])
	})
}

var (
	rewrites = pattern.New(`(?i)package|manifest|version|private|npm pkg|clean|release|bump`)
	// between parts one command from the next, and program is the word that names one,
	// behind what only starts it. That of npm run is a script, which is read too.
	between = pattern.New(`[;&|\n]+`)
	program = pattern.New(`^[\s(]*(?:(?:npm|npx|pnpm|yarn|bun|bunx|run|run-script|exec|env|cross-env|\w+=\S*|-\S+)\s+)*([^\s()]+)`)
)

// builders are commands that write no package.json.
var builders = []string{
	"[", "ava", "babel", "biome", "c8", "cd", "echo", "esbuild", "eslint", "exit", "export", "false", "husky", "jest", "ls", "mkdir", "mocha",
	"nyc", "oxlint", "prettier", "rimraf", "rm", "rollup", "set", "sleep", "standard", "swc", "tap", "terser", "test", "touch",
	"true", "tsc", "vite", "vitest", "vue-tsc", "webpack", "xo",
}

// lasts reports whether a wall will still be there when the scripts have run. A dry
// run does not ask for a login nor mind a private package.
func lasts(c *classify.Case, w Finding) bool {
	dry := c.Settings.Values["dry-run"] == "true"
	switch {
	case w.Topic == "login", w.Topic == "account":
		return !dry
	case MayRewrite(c):
		return false
	}
	return !dry || w.Topic == "dist-tag" && c.By().Has(npm.ChecksDistTag)
}

// scriptTexts returns what runs before the upload: the scripts themselves, and
// every other one that these name.
func scriptTexts(c *classify.Case) string {
	all, texts := field(c, "scripts").Map(), ""
	names := ScriptsBefore(c)
	for i := 0; i < len(names); i++ {
		text := all[names[i]].String()
		texts += text + "\n"
		for _, word := range strings.Fields(text) {
			if _, named := all[word]; named && !slices.Contains(names, word) {
				names = append(names, word)
			}
		}
	}
	return texts
}

func diagnosis(c *classify.Case, w Finding) classify.Diagnosis {
	if d, unsafe := classify.UnsafeTag(c); unsafe && d.Cause.ID == w.Cause {
		return d
	}
	d := classify.Diagnosis{Cause: classify.Lookup(w.Cause), Sure: true, Vars: vars(c)}
	if w.Text != d.Title() {
		d.Evidence = append(d.Evidence, classify.Evidence{From: "check", Text: w.Text})
	}
	without := "--no-check lets npm try anyway"
	if w.Cause == "unresolved-protocol" { // npm would not
		without = "--no-check publishes it anyway"
		if len(w.Type) > 0 {
			d.Evidence = append(d.Evidence, classify.Evidence{From: "instead", Text: strings.Join(w.Type, ", then ")})
		}
	}
	d.Evidence = append(d.Evidence, classify.Evidence{From: "check", Text: "nothing was run and nothing was sent; " + without})
	return d
}
