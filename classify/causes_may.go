package classify

import "safepublish/classify/pattern"

// What you may: permissions, scopes, access and trusted publishing.
//
// Trusted publishers: npm/documentation#2034 (2026-09-03: up to ten for a package, not
// edited but made anew, staging always allowed, publishing where it was ticked) and
// docs.npmjs.com/trusted-publishers (fields count letter by letter, the calling workflow
// counts, no self-hosted runners). npm trust needs 11.15 (npm 11.19.1 and 12.2.0,
// docs/content/commands/npm-trust.md), its --allow-publish does (npm/cli#9379).
//
// Staging: npm 11.15 (docs.npmjs.com/staged-publishing). A package that is new could not be
// staged first; since 2026-10-02 it can, with a login or a token, and its name is public at
// once with the version 0.0.0-stage
// (https://github.blog/changelog/2026-10-02-npm-staged-publishing-now-supports-creating-new-packages,
// npm/documentation, content/packages-and-modules/securing-your-code/staged-publishing.mdx).
// Tokens that may only stage:
// https://github.blog/changelog/2026-09-18-stage-only-npm-tokens-for-safer-automation.

var (
	saysTaken = pattern.New(`(?i)do not have permission to publish|package name is already taken`)
	// the second is GitHub Packages', of a private repository that the token may not see
	saysTheseCredentials = pattern.New(`(?i)may not perform that action with these credentials|repoacceptspackageuploads`)
)

var mayCauses = []*Cause{
	{
		ID: "oidc-denied", Rank: 420, Title: "${registry} accepted the CI's identity but does not let it publish ${package}",
		Why: "The exchange worked, but the publish was refused. npmjs.org uses one sentence for several reasons, so check them one by one. " +
			"Since 2026-09-03 a package can have up to ten trusted publishers. Each may stage; it may publish only if that was ticked.",
		Happens: []string{
			"the trusted publisher may only stage: nobody ticked publishing",
			"a field of the entry differs: repository, workflow or environment; upper and lower case matter",
			"the package's Publishing access setting does not allow it",
		},
		Confirm: []string{"npm trust list NAME  the entries and their permissions (npm 11.15 and later, logged in)"},
		Fix: []string{
			"If the entry may only stage (the default), stage it: safepublish --fix stage. A maintainer then approves it: npm stage approve ID",
			"To publish without approval, a maintainer adds an entry that may publish: ${trust}",
			"If there is such an entry, compare it letter by letter with what this job presents (${claims}): ${entries}",
			"If a field differs, remove the entry and add a new one; an entry cannot be edited: ${revoke}",
		},
		Prevent: "Change the entry together with the workflow.",
		Exit:    ExitNoPerm, Says: pattern.New(`(?i)OIDC permission denied`),
		ByIdentity: true,
		RuledOutBy: Clues{"oidc": {"no", "refused", "failed"}},
	},
	{
		ID: "oidc-not-configured", Rank: 425, Title: "trusted publishing is not set up for ${package} on ${registry}, or does not match this job",
		Why: "npm tried to exchange the CI's identity for a token. The registry refused, and npm went on without a token. Only the debug log " +
			"shows that refusal.",
		Happens: []string{
			"the package has no entry for this job; before its first publish it cannot have one (npm/cli#8544)",
			"the entry has another file name (.yml or .yaml), repository or environment",
			"the entry names a reusable workflow, or the repository uses the new subject claims (npm/cli#9969)",
			"the runner is self-hosted, or the job was rerun with SSH (CircleCI) or comes from a fork",
		},
		Confirm: []string{
			"npm trust list NAME  what the registry expects (npm 11.15 and later, logged in)",
			"npm publish --loglevel verbose  the lines with oidc show what was answered",
		},
		Fix: []string{
			"Published before: compare letter by letter what this job presents (${claims}) with the entries: ${entries}",
			"If no entry matches, a maintainer adds one for this job: ${trust}",
			"First publish: the package must exist before it can trust a job. Publish it once from a terminal: npm publish${public}",
			"On a self-hosted runner: npmjs.org does not trust these. Publish on a runner that the CI hosts (GitHub: runs-on: ubuntu-latest).",
			"Remove ${variable} from the job: an invalid token turns the refusal into a 404.",
		},
		Prevent: "After renaming the workflow or the repository, add a new entry.",
		Exit:    ExitNoPerm, Tabled: true,
		ByIdentity: true,
		RuledOutBy: Clues{"oidc": {"no", "taken", "failed"}},
	},
	{
		ID: "oidc-not-offered", Rank: 427, Title: "this CI job gives npm neither an identity nor a token for ${registry}",
		Why: "With trusted publishing the CI proves to the registry which job this is. npm found no such identity in this job, and no token " +
			"either. Nothing was sent.",
		Happens: []string{
			"the GitHub job, or the caller of its reusable workflow, lacks permissions: id-token: write",
			"npm in the job is older than 11.5.1: Node.js 20 and 22 bring npm 10",
			"the job runs for a pull request from a fork, which gets no identity and no secrets",
			"the GitLab job has no id_tokens, or they are not called NPM_ID_TOKEN",
			"a token should be used, but no .npmrc of the job names its variable",
		},
		Confirm: []string{
			"npm --version  must be 11.5.1 or later",
			"npm publish --dry-run --loglevel silly  the lines that begin with oidc say why it was skipped",
		},
		Fix: []string{
			"With npm older than 11.5.1: update it in the job, or use Node.js 24: npm install -g npm@11",
			"In a GitHub job without an identity: give the job, and the job that calls it, these permissions: id-token: write, contents: read",
			"In a GitLab job without an identity: give the job id_tokens: { NPM_ID_TOKEN: { aud: npm:${audience} } }",
			"First publish: the package must exist before it can trust a job. Publish it once from a terminal: npm publish${public}",
			"In a CI that npmjs.org trusts: let the package trust this job: ${trust}",
			"If the job should use a token: store it as a secret, and pass it in the variable ${variable} that the job's .npmrc names.",
		},
		Prevent: "Run safepublish check in the same job before the build.",
		Exit:    ExitConfig, Tabled: true,
		ByIdentity: true,
		RuledOutBy: Clues{"oidc": {"taken", "refused", "failed"}, "ci": {"none", "offers"}},
	},
	// npm 11.5.1 and later, lib/utils/oidc.js: whatever fails there is logged and no more.
	{
		ID: "oidc-unreachable", Rank: 428, Title: "trusted publishing failed for now: the CI or ${registry} gave npm no token",
		Why: "For trusted publishing npm asks the CI for an identity and the registry for a token in exchange. One of the two failed or did " +
			"not answer. npm went on without a token and said only that nobody is logged in. Nothing was published.",
		Happens: []string{
			"the CI's token endpoint was down or slow (5xx, or a web page instead of JSON)",
			"the registry's exchange was down, or accepts no more requests for now (5xx, 429)",
			"a proxy or a firewall lets the job reach only one of them",
		},
		Confirm: []string{
			"npm publish --loglevel verbose  the lines that begin with oidc, and the answers above them",
			"https://www.githubstatus.com and https://status.npmjs.org  whether one is down",
		},
		Fix: []string{
			"Start the job again, or publish again: npm publish. The second try mostly works.",
			"If it never works: make sure that the job reaches both its CI and ${host}. If it uses a proxy, set NO_PROXY for the host of the CI.",
		},
		Prevent: "Nothing to do. safepublish waits and tries again by itself.",
		Exit:    ExitTempFail, Tabled: true,
		RuledOutBy: Clues{"oidc": {"no", "taken", "refused"}},
	},
	{
		ID: "stage-only", Rank: 500, Title: "these credentials may only stage ${package}: ${registry} wants npm stage publish",
		Why: "A token or a trusted publisher can be limited to staging: what it uploads waits until a person approves it. A direct publish is " +
			"refused.",
		Happens: []string{
			"the token's permission is \"read and write (stage only)\", which npmjs.org has had since 2026-09-18",
			"the trusted publisher may only stage: it was set up without --allow-publish",
		},
		Confirm: []string{
			"https://www.npmjs.com/settings/YOU/tokens  what each token may do",
			"npm trust list NAME  what the trusted publishers may (npm 11.15 and later, logged in)",
		},
		Fix: []string{
			"Stage it (npm 11.15 and later): safepublish --fix stage. A maintainer with a second factor then approves it: npm stage approve ID",
			"Or use credentials that may publish.",
			"First publish: since 2026-10-02 a new package can be staged. Its name is public at once, with a placeholder version 0.0.0-stage.",
		},
		Prevent: "If the release job may only stage, let it run safepublish --fix stage, or npm stage publish.",
		Exit:    ExitNoPerm, Status: []int{0, 403},
		Says: pattern.Any(`(?i)can only be used to stage`, `stage[- ]only`, `use npm stage publish`),
	},
	{
		ID: "payment-required", Rank: 505, Own: true,
		Title: "${package} would be private on ${registry}, but the account has no plan for private packages",
		Why: "A new package in a scope is restricted unless you say that it is public, and restricted packages need a paid plan. Nearly always " +
			"the package was meant to be public.",
		Happens: []string{
			"the first publish of a scoped package without --access public",
			"publishConfig.access or --access says restricted",
			"the scope is misspelt, so it is not the organization that has a plan",
			"the plan has ended",
		},
		Confirm: []string{"npm config get access  null: the registry decides, restricted for a new scoped package"},
		Fix: []string{
			"If everyone may install it: npm publish --access public. That cannot be taken back once others have copied it.",
			"To keep it public from now on, in package.json: \"publishConfig\": { \"access\": \"public\" }",
			"If it must stay private: buy a plan for the user or the organization ${org}.",
		},
		Prevent: "Put publishConfig.access into package.json when you create the package.",
		Exit:    ExitNoPerm, Status: []int{402},
	},
	{
		ID: "unscoped-restricted", Rank: 510, Own: true, Title: "${package} has no scope, so it cannot be restricted",
		Why:     "Only packages in a scope can have restricted access. npm stops before it sends anything.",
		Happens: []string{"--access restricted, or publishConfig.access, and the name has no scope", "access=restricted in an .npmrc"},
		Confirm: []string{"npm config get access  what npm would send", "npm pkg get name publishConfig  what the package says"},
		Fix: []string{
			"To publish it for everyone: remove --access restricted from the command line, publishConfig and .npmrc.",
			"To keep it private: give it a scope, @${user}/${base}. That needs a paid plan.",
		},
		Prevent: "Decide on scope and access together. With \"private\": true a package is never published at all.",
		Exit:    ExitData, Codes: []string{"EUNSCOPED"},
	},
	{
		ID: "scope-not-found", Rank: 515, Title: "${scope} does not exist on ${registry}, or you may not see it",
		Why: "The part before the slash must be your user name or an organization that you belong to. Publishing does not create it, whatever " +
			"npm's text says.",
		Happens: []string{
			"the organization was never created, or the scope is misspelt",
			"the scope is the name on GitHub, but the account on npm has another name",
			"the package was meant for another registry (GitHub Packages, a company's)",
		},
		Confirm: []string{
			"npm whoami  your own scope is @ followed by this name",
			"npm org ls ORG  whether the organization exists and you belong to it",
		},
		Fix: []string{
			"Rename the package to a scope of yours: npm pkg set name=@${user}/${base}",
			"Or create the organization ${org} (free for public packages): https://www.npmjs.com/org/create",
			"Or ask its owner to add you: npm org set ${org} ${user}${at}",
		},
		Prevent: "Create the organization before the first package.",
		Exit:    ExitData, Status: []int{0, 403, 404},
		Says:       pattern.Any(`(?i)scope not found`, `owner not found`, `the expected resource was not found`),
		RuledOutBy: Clues{"scope": {"none", "there"}},
	},
	{
		ID: "name-taken", Rank: 525, Own: true, Title: "the name${name} belongs to somebody else on ${registry}",
		Why: "\"You do not have permission to publish … Are you logged in as the correct user?\" means that a package of this name exists and " +
			"that you are not one of its maintainers. npm did not try to log in as the package.",
		Happens: []string{
			"somebody took the name earlier, perhaps for a package that nobody uses",
			"the package is yours under another account",
		},
		Confirm: []string{"npm view NAME maintainers time.created  whose it is, and since when", "npm whoami  who you are"},
		Fix: []string{
			"Publish under your own scope: npm pkg set name=@${user}/${base}, then npm publish --access public",
			"Choose another name. If npm view NEW-NAME answers 404, it may be free, but is not sure to be (see name-too-similar).",
			"Or ask its maintainers (${owners}) to add you. One of them runs: npm owner add ${user} ${package}${at}",
			"By hand: if it belongs to another account of yours, log in as that: npm login${at}",
		},
		Prevent: "Look a name up before you choose it, or use a scope, where every name is yours.",
		Exit:    ExitNoPerm, Status: []int{0, 403}, Says: saysTaken,
		RuledOutBy: Clues{"scoped": {"yes"}, "package": {"unseen"}, "write": {"yes"}},
	},
	{
		ID: "no-permission", Rank: 530, Own: true, Title: "this account${as} may not publish ${package} on ${registry}",
		Why: "The registry knows who you are, but the package does not list you among those who may publish it. npmjs.org answers 403, or 404 " +
			"if a 403 would reveal a private package.",
		Happens: []string{
			"npm is logged in as another account than the one that maintains the package",
			"the account was never added as a maintainer, or to the team that has write access",
			"the package is new, and this account may not create packages in its scope",
			"the name belongs to somebody else (see name-taken)",
		},
		Confirm: []string{
			"npm whoami --registry=URL  the account in use",
			"npm owner ls NAME  who may publish it",
			"npm access list collaborators NAME  with which access",
		},
		Fix: []string{
			"By hand: log in as an account that may: npm login${at}",
			"In CI: put a token of an account that may publish the package (${owners}) into ${holder}.",
			"Or ask a maintainer (${owners}) to add you; in an organization, to the team. The maintainer runs: npm owner add ${user} " +
				"${package}${at}",
		},
		Prevent: "Check npm whoami before a release, and give every package a second maintainer.",
		Exit:    ExitNoPerm, Status: []int{0, 403}, Says: pattern.Any(
			`(?i)do not have permission to publish`, `is not allowed to publish package`, `not authorized to modify`,
			`no permission to upload`, `permission_denied: write_package`, `does not have permission`, `lacks permission`,
			`is not a collaborator for`, `not have write permissions? required to publish`, `permission "artifactregistry[^"]*" denied`,
			`(?m:^(?:403 )+\S+ - PUT \S+ - unauthorized$)`,
		),
		RuledOutBy: Clues{"token": {"nobody"}, "alive": {"no"}, "write": {"yes"}},
	},
	{
		ID: "token-scope", Rank: 535, Title: "the token is valid but may not publish ${package} on ${registry}",
		Why: "The account may publish the package, but the token may not. It is read-only, or it was made for other packages, organizations or " +
			"IP addresses.",
		Happens: []string{
			"a granular token has read access only, or does not list this package or its scope",
			"a granular token is limited to existing packages, and the package is new",
			"the token is limited to a range of IP addresses",
			"\"with these credentials\" can also mean that the account needs a second factor for its unscoped packages",
			"GitHub Packages: the token lacks write:packages, or the repository's owner is not the scope",
		},
		Confirm: []string{
			"https://www.npmjs.com/settings/YOU/tokens  what each token may do, and until when",
			"npm access list collaborators NAME  whether the account itself may publish",
		},
		Fix: []string{
			"First publish: a token for existing packages cannot create a package. Make one for all packages, or for the whole scope.",
			"Make a token with read and write access to ${package}, and put it into ${holder}.",
			"In a CI that npmjs.org trusts: or let the package trust this job, and remove the token: ${trust}",
			"By hand: or log in and publish from the terminal: npm login${at}",
		},
		Prevent: "Use trusted publishing, which is limited to one package and one workflow.",
		Exit:    ExitNoPerm, Status: []int{0, 401, 403}, Says: pattern.Any(
			`(?i)read-only token`, `granted the required scopes`, `match expected scopes`, `installation not allowed to`,
			`requested installation does not exist`, `login is not allowed from your ip`, `\] can't access package`,
		),
		RuledOutBy: Clues{"login": {"none", "empty", "unset", "placeholder"}, "token": {"nobody"}, "alive": {"no"}, "write": {"no"}},
	},
}
