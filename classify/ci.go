package classify

import (
	"cmp"
	"strings"
)

// CI is what the environment says of the job that npm runs in, and of what it says of
// itself to a registry that trusts it. The zero value is one that nobody looked at.
type CI struct {
	Known   bool   // the environment was looked at
	Job     bool   // it is a CI's, one that npm trusts or another
	Name    string // "GitHub Actions", "GitLab CI" or "CircleCI": the ones that npm trusts; "" for none of these
	IDToken bool   // the job may ask for an identity (GitHub: permissions: id-token: write), or holds one
	Signs   bool   // npm can make provenance: the job may ask for an identity that says where it runs
	Claims
}

// Claims are what a job says of itself, and what a trusted publisher's entry must say
// letter by letter. No secret is in them.
type Claims struct {
	Repository  string // "acme/widget"; of GitLab the project; of CircleCI "github.com/acme/widget"
	Workflow    string // the file of the workflow that was started, "release.yml": with a reusable one the caller's
	Ref         string // "refs/heads/main"
	Environment string // GitLab says it, GitHub does not
	Org         string // CircleCI: the organization's ID
	Project     string // CircleCI: the project's ID
	SelfHosted  bool   // the runner is the owner's own, which npmjs.org does not trust (docs.npmjs.com/trusted-publishers)
}

// presents says what the job says of itself, as far as the environment tells: what it is
// compared with.
func (ci CI) presents() string {
	var all []string
	repository := "repository"
	if ci.Name == "CircleCI" {
		repository = "VCS origin"
	}
	for _, claim := range []struct{ name, value string }{
		{"organization", ci.Org},
		{"project", ci.Project},
		{repository, ci.Repository},
		{"workflow file", ci.Workflow},
		{"environment", ci.Environment},
	} {
		if claim.value != "" {
			all = append(all, claim.name+" "+claim.value)
		}
	}
	return strings.Join(all, ", ")
}

// evidence shows what a trusted publisher's entry must match.
func (ci CI) evidence() []Evidence {
	claims := ci.presents()
	if claims == "" {
		return nil
	}
	if ci.Ref != "" { // no entry has one, but it tells which job it was
		claims += ", ref " + ci.Ref
	}
	if ci.Environment == "" && ci.Name == "GitHub Actions" { // no variable has it
		claims += "; its environment, if it has one, is not known here"
	}
	return []Evidence{{ci.Name, "this job presents " + claims}}
}

// publisher is a trusted publisher's entry that fits the job.
type publisher struct {
	provider string   // of npm trust
	fields   []string // "--repo", "acme/widget", …
}

// publisher returns what npm trust wants to know (npm 11.19.1 and 12.2.0,
// lib/commands/trust). Where no CI is known it is GitHub's, the commonest.
func (ci CI) publisher() publisher {
	switch ci.Name {
	case "GitLab CI":
		fields := []string{"--project", cmp.Or(ci.Repository, "GROUP/PROJECT"), "--file", cmp.Or(ci.Workflow, ".gitlab-ci.yml")}
		if ci.Environment != "" {
			fields = append(fields, "--env", ci.Environment)
		}
		return publisher{"gitlab", fields}
	case "CircleCI":
		return publisher{"circleci", []string{
			"--org-id", cmp.Or(ci.Org, "ORG-ID"), "--project-id", cmp.Or(ci.Project, "PROJECT-ID"),
			"--pipeline-definition-id", "PIPELINE-DEFINITION-ID", "--vcs-origin", cmp.Or(ci.Repository, "github.com/OWNER/REPO"),
		}}
	}
	return publisher{"github", []string{"--repo", cmp.Or(ci.Repository, "OWNER/REPO"), "--file", cmp.Or(ci.Workflow, "WORKFLOW.yml")}}
}

// words are the fields as a person enters them: "repo acme/widget, file release.yml".
func (p publisher) words() string {
	var all []string
	for i := 0; i < len(p.fields); i += 2 {
		all = append(all, strings.ReplaceAll(strings.TrimPrefix(p.fields[i], "--"), "-", " ")+" "+p.fields[i+1])
	}
	return strings.Join(all, ", ")
}
