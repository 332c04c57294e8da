package classify

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// job is a case of a job in GitHub Actions, which was asked everything.
func job() *Case {
	c := refusal("@acme/widget", 404, "")
	c.NPM = "11.19.1"
	c.CI = CI{Known: true, Job: true, Name: "GitHub Actions", IDToken: true, Claims: Claims{
		Repository: "acme/widget", Workflow: "release.yml", Ref: "refs/heads/main",
	}}
	c.Answers = Answers{
		Registry: c.Registry(), Packument: Packument{Found: Yes, Maintainers: []string{"alice"}},
		Npmrc: &Npmrc{Settings: []Setting{
			{Level: "user", File: "/home/alice/.npmrc", Name: "~/.npmrc", Line: 3, Key: "//npmjs.org/:_authToken", Holds: HeldUnset, Vars: []string{"ACME_TOKEN"}},
		}},
	}
	return c
}

func TestFilled(t *testing.T) {
	c := job()
	c.Packages[0].Registry, c.Answers.Registry = "https://npmjs.org/", "https://npmjs.org/"
	unknown := &Case{}
	hostile := refusal("@acme/widget", 404, "")
	hostile.Packages[0].Name, hostile.Packages[0].Registry = "x;rm $(id)\n", "https://user:secret@registry.example/npm/"
	for _, test := range []struct {
		c          *Case
		text, want string
	}{
		{c, "npm owner add ${user} ${package}${at}", "npm owner add YOU @acme/widget"},
		{c, "the variable ${variable} of ${where}: ${{ secrets.${variable} }}", "the variable ACME_TOKEN of ~/.npmrc:3: ${{ secrets.ACME_TOKEN }}"},
		{c, "_authToken=${${variable}}", "_authToken=${ACME_TOKEN}"},
		{c, "${NPM_TOKEN} stays", "${NPM_TOKEN} stays"},
		{c, "${trust}", "npm trust github @acme/widget --repo acme/widget --file release.yml --allow-publish"},
		{c, "npm publish${public}", "npm publish --access public"},
		{c, "${settings}", "https://www.npmjs.com/package/@acme/widget/access"},
		{unknown, "npm owner add ${user} ${package}${at}", "npm owner add YOU NAME --registry=URL"},
		{unknown, "${variable} of ${where}", "NPM_TOKEN of the .npmrc"},
		{unknown, "${trust}", "npm trust github NAME --repo OWNER/REPO --file WORKFLOW.yml --allow-publish --registry=URL"},
		{hostile, "npm view ${package}${at}", `npm view 'x;rm $(id)' --registry=https://registry.example/npm/`},
		{hostile, "${dart}:_authToken=", "//registry.example/npm/:_authToken="},
	} {
		if got := steps(test.c, vars(test.c, &Cause{}, verdict{}), []string{test.text}); len(got) != 1 || got[0] != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
	c.Shell, hostile.Shell = npm.PowerShell, npm.Cmd
	for text, want := range map[string]string{
		"npm owner add ${user} ${package}${at}": `npm owner add YOU "@acme/widget"`,
		"${trust}":                              `npm trust github "@acme/widget" --repo acme/widget --file release.yml --allow-publish`,
		"${setfrom}":                            `$env:ACME_TOKEN = (Get-Content -Raw "FILE") -replace '[\s"]'`,
		"${dart}:_authToken=":                   "//npmjs.org/:_authToken=",
	} {
		if got := steps(c, nil, []string{text}); got[0] != want {
			t.Errorf("PowerShell: %q, want %q", got, want)
		}
	}
	if got := steps(hostile, nil, []string{"npm view ${package}${at}"}); got[0] != `npm view "x;rm $(id)" --registry=https://registry.example/npm/` {
		t.Errorf("cmd: %q", got)
	}
	c.Shell, c.NPM = npm.Sh, "11.10.0"
	want := "on https://www.npmjs.com/package/@acme/widget/access enter repo acme/widget, file release.yml"
	if got := steps(c, nil, []string{"${trust}"}); got[0] != want {
		t.Errorf("without npm trust: %q, want %q", got, want)
	}
}

// TestTrustOfOthers: npm trust has options of its own for each CI (npm 11.19.1,
// lib/commands/trust).
func TestTrustOfOthers(t *testing.T) {
	for name, want := range map[string]string{
		"GitLab CI": "npm trust gitlab @acme/widget --project acme/team/widget --file .gitlab-ci.yml --env production --allow-publish",
		"CircleCI": "npm trust circleci @acme/widget --org-id ORG-ID --project-id 7f " +
			"--pipeline-definition-id PIPELINE-DEFINITION-ID --vcs-origin acme/team/widget --allow-publish",
	} {
		c := job()
		c.Packages[0].Registry = "https://npmjs.org/"
		c.CI.Name, c.CI.Claims = name, Claims{Repository: "acme/team/widget", Environment: "production", Project: "7f"}
		if got := steps(c, nil, []string{"${trust}"}); got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestOccasions(t *testing.T) {
	texts := []string{"Always.", "In CI: give it a token.", "By hand: npm login", "First publish: once by hand.", "Or npm login, then again."}
	laptop := &Case{CI: CI{Known: true}}
	elsewhere := &Case{CI: CI{Known: true, Job: true}}
	fresh := job()
	fresh.Packages[0].Registry, fresh.Answers.Registry = "https://npmjs.org/", "https://npmjs.org/"
	fresh.Answers.Packument = Packument{Found: No}
	logged := &Case{Transcript: transcript.Transcript{Lines: []transcript.Line{{Level: "verbose", Text: "oidc Failed token exchange request"}}}}
	for _, test := range []struct {
		name string
		c    *Case
		want []string
	}{
		{"nothing is known", &Case{}, texts},
		{"a laptop", laptop, []string{"npm login", "Always.", "First publish: once by hand.", "Or npm login, then again."}},
		{"a job", job(), []string{"Give it a token.", "Always."}},
		{"a first publish", fresh, []string{"First publish: once by hand.", "Give it a token.", "Always."}},
		{"a CI that npm does not know", elsewhere, []string{"Give it a token.", "Always.", "First publish: once by hand."}},
		{"a log of trusted publishing", logged, []string{"Give it a token.", "Always.", "First publish: once by hand."}},
	} {
		if got := steps(test.c, nil, texts); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// adviceCases are cases in which every step must read well and work.
func adviceCases() map[string]*Case {
	fresh, old, gitlab, other := job(), job(), job(), job()
	for _, c := range []*Case{fresh, old, gitlab} {
		c.Packages[0].Registry, c.Answers.Registry = "https://npmjs.org/", "https://npmjs.org/"
	}
	fresh.Answers.Packument = Packument{Found: No}
	old.NPM = "10.9.0"
	gitlab.CI.Name = "GitLab CI"
	other.Packages[0].Registry = "https://nexus.example/repository/npm-hosted/"
	laptop := job()
	laptop.CI = CI{Known: true}
	return map[string]*Case{
		"a job": job(), "a first publish": fresh, "an old npm": old, "GitLab": gitlab, "another registry": other,
		"another CI": {CI: CI{Known: true, Job: true}}, "a laptop": laptop, "nothing known": {},
	}
}

// hole is what must not be left: what is in capitals, or GitHub's own, is meant so.
var hole = regexp.MustCompile(`\$\{\$?[a-z]`)

// TestAdviceHolds: whatever the case, a cause has steps, nothing in them is unfilled, and
// in a CI none is a login by hand. No word of them is taken for a secret.
func TestAdviceHolds(t *testing.T) {
	red := transcript.NewRedactor(nil)
	for name, c := range adviceCases() {
		for _, row := range causes {
			d := Diagnosis{Cause: row, Vars: vars(c, row, verdict{})}
			got := d.Advice(c)
			if len(got) == 0 {
				t.Errorf("%s in %s: no step is left", row.ID, name)
			}
			for _, p := range products {
				got = append(got, steps(c, d.Vars, p.steps[row.ID])...)
			}
			for _, step := range append(got, row.Page()) {
				switch said := red.Lines(step); {
				case hole.MatchString(step):
					t.Errorf("%s in %s: unfilled: %s", row.ID, name, step)
				case c.inJob() == Yes && byHand.MatchString(step) && step != row.Page():
					t.Errorf("%s in %s: nobody can log in there: %s", row.ID, name, step)
				case name == "an old npm" && strings.Contains(step, "npm trust") && step != row.Page():
					t.Errorf("%s: npm 10 has no npm trust: %s", row.ID, step)
				case said != step:
					t.Errorf("%s in %s: eaten by the redactor: %s", row.ID, name, said)
				case strings.Contains(step, "  ") && step != row.Page(), strings.HasSuffix(step, " "):
					t.Errorf("%s in %s: blanks: %q", row.ID, name, step)
				}
			}
		}
	}
}

// glued matches a piece of a command line with something behind it that is not of it.
var glued = regexp.MustCompile(`\$\{(?:at|trust|revoke|public|entries|url|settings)\}[^ ;]`)

// TestHolesAreKnown: a step names values that there are, and no other text has any.
func TestHolesAreKnown(t *testing.T) {
	for _, row := range causes {
		all := slices.Concat(row.Fix, row.Confirm, []string{row.Prevent})
		for _, p := range products {
			all = append(all, p.steps[row.ID]...)
		}
		for _, text := range all {
			if m := glued.FindString(text); m != "" {
				t.Errorf("%s: what is pasted has %q behind it: %s", row.ID, m, text)
			}
			for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
				if _, known := values[m[1]]; !known {
					t.Errorf("%s: no value %s", row.ID, m[0])
				}
			}
		}
		for _, text := range append(row.Happens, row.Why) {
			if hole.MatchString(text) {
				t.Errorf("%s: it is not filled in here: %s", row.ID, text)
			}
		}
	}
}

// TestCommandsParse: what a step tells to type as npm publish is what npm takes.
func TestCommandsParse(t *testing.T) {
	command := regexp.MustCompile(`\bnpm publish((?: (?:--?[\w@:/.=-]+|public|restricted|beta|latest(?:-1)?|\./\S+|@?[A-Z]+(?:/NAME)?\b))*)`)
	for name, c := range adviceCases() {
		for _, row := range causes {
			for _, step := range (Diagnosis{Cause: row, Vars: vars(c, row, verdict{})}).Advice(c) {
				step := strings.ReplaceAll(step, "=URL", "=https://registry.example/")
				for _, m := range command.FindAllStringSubmatch(step, -1) {
					args := strings.Fields(strings.TrimRight(m[1], ".,;"))
					if err := npm.Check(args, npm.ParseVersion("12.2.0"), func(word string) bool { return strings.HasPrefix(word, "./") }); err != nil {
						t.Errorf("%s in %s: %s: %v", row.ID, name, step, err)
					}
				}
			}
		}
	}
}

func TestWants(t *testing.T) {
	row := &Cause{Fix: []string{"First publish: x", "npm owner add ${user} ${package}", "In CI: ${variable}"}}
	if got := row.Wants(); !slices.Equal(got, []Question{AskPackument, AskIdentity, AskLogin}) {
		t.Errorf("%v", got)
	}
}
